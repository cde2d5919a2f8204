fn call(
    &self,
    text: String,
) -> Pin<Box<dyn Future<Output = Result<(), Error>> + Send + '_>> {
    ::galtea::__private::boxed(async move {
        let _ = &self;
        let _ = &text;
        let call = ::galtea::__private::begin_async(
            const {
                &::galtea::__private::Site::new(
                    "call",
                    ::galtea::__private::TraceType::Span,
                    "",
                )
            },
            ::core::option::Option::Some(
                &mut |object| {
                    use ::galtea::__private::{
                        PutDebug as _, PutLocked as _, PutTypeName as _,
                    };
                    (&&::galtea::__private::Entry(&text)).galtea_put(object, "text");
                },
            ),
            ::galtea::__private::nothing(),
        );
        ::galtea::__private::trace_future(
                call,
                ::galtea::__private::expect_future::<
                    Result<(), Error>,
                    _,
                >(async move { self.send(text).await }),
                |value, returned| {
                    use ::galtea::__private::SplitValue as _;
                    match (&::galtea::__private::Output(value)).galtea_split() {
                        ::core::result::Result::Ok(value) => {
                            use ::galtea::__private::{
                                PutOutputDebug as _, PutOutputLocked as _,
                                PutOutputTypeName as _,
                            };
                            (&&::galtea::__private::Value(value.0))
                                .galtea_put_output(returned);
                        }
                        ::core::result::Result::Err(error) => {
                            use ::galtea::__private::{
                                PutError as _, PutErrorBehind as _, PutErrorDebug as _,
                                PutErrorTypeName as _,
                            };
                            (&&&error).galtea_put_error(returned);
                        }
                    }
                },
            )
            .await
    })
}
