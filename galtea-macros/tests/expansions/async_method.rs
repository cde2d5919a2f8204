async fn ask(&self, question: String) -> Answer {
    let mut call = {
        let site = const {
            &::galtea::__private::Site::new(
                "ask",
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
                ::galtea::__private::Given::Arguments(&[]),
                ::core::option::Option::None,
            )
        } else {
            ::galtea::__private::outside_future(site)
        }
    };
    let value = ::galtea::__private::Traced {
        operation: ::galtea::__private::Operation(&mut call),
        body: async move {
            if false {
                return ::galtea::__private::never_called::<Answer>();
            }
            let _ = &question;
            {
                const _: () = ();
                self.model.complete(question).await
            }
        },
    }
        .await;
    ::galtea::__private::end_with(
        &mut call,
        &value,
        |value, returned| {
            use ::galtea::__private::SplitValue as _;
            match (&::galtea::__private::Output(value)).galtea_split() {
                ::core::result::Result::Ok(value) => {
                    use ::galtea::__private::{
                        PutOutputDebug as _, PutOutputLocked as _, PutOutputTypeName as _,
                    };
                    (&&::galtea::__private::Value(
                        &::galtea::__private::map(value.0, |answer| &answer.text),
                    ))
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
    );
    value
}
