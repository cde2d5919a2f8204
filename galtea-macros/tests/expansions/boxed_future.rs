fn call(
    &self,
    text: String,
) -> Pin<Box<dyn Future<Output = Result<(), Error>> + Send + '_>> {
    ::galtea::__private::boxed(async move {
        let _ = &self;
        let _ = &text;
        let mut call = {
            let site = const {
                &::galtea::__private::Site::new(
                    "call",
                    ::galtea::__private::TraceType::Span,
                    "",
                )
            };
            if ::galtea::__private::is_active() {
                use ::galtea::__private::{
                    DebugEntry as _, LockedEntry as _, NamedEntry as _,
                };
                ::galtea::__private::begin_future(
                    site,
                    ::galtea::__private::Given::Arguments(
                        &[
                            (
                                "text",
                                &(&&::galtea::__private::Entry(&text)).galtea_entry(),
                            ),
                        ],
                    ),
                    ::core::option::Option::None,
                )
            } else {
                ::galtea::__private::outside_future(site)
            }
        };
        let value = ::galtea::__private::Traced {
            operation: ::galtea::__private::Operation(&mut call),
            body: ::galtea::__private::expect_future::<
                Result<(), Error>,
                _,
            >(async move { self.send(text).await }),
        }
            .await;
        {
            use ::galtea::__private::SplitValue as _;
            match (&::galtea::__private::Output(&value)).galtea_split() {
                ::core::result::Result::Ok(value) => {
                    use ::galtea::__private::{
                        PutOutputDebug as _, PutOutputLocked as _, PutOutputTypeName as _,
                    };
                    (&&::galtea::__private::Value(value.0)).galtea_put_output(&mut call);
                }
                ::core::result::Result::Err(error) => {
                    use ::galtea::__private::{
                        PutError as _, PutErrorBehind as _, PutErrorDebug as _,
                        PutErrorTypeName as _,
                    };
                    (&&&error).galtea_put_error(&mut call);
                }
            }
        }
        value
    })
}
