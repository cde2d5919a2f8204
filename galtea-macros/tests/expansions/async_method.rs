async fn ask(&self, question: String) -> Answer {
    let call = ::galtea::__private::begin_async(
        const {
            &::galtea::__private::Site::new(
                "ask",
                ::galtea::__private::TraceType::Span,
                "",
            )
        },
        ::galtea::__private::nothing(),
        ::galtea::__private::nothing(),
    );
    ::galtea::__private::trace_future_with(
            call,
            async move {
                if false {
                    return ::galtea::__private::never_called::<Answer>();
                }
                let _ = &question;
                {
                    const _: () = ();
                    self.model.complete(question).await
                }
            },
            |value, returned| {
                use ::galtea::__private::SplitValue as _;
                match (&::galtea::__private::Output(value)).galtea_split() {
                    ::core::result::Result::Ok(value) => {
                        use ::galtea::__private::{
                            PutOutputDebug as _, PutOutputLocked as _,
                            PutOutputTypeName as _,
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
        )
        .await
}
