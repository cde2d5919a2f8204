fn reunite(self) -> Result<S, Split<S>> {
    let call = ::galtea::__private::begin(
        const {
            &::galtea::__private::Site::new(
                "reunite",
                ::galtea::__private::TraceType::Span,
                "",
            )
        },
        ::galtea::__private::nothing(),
        ::galtea::__private::nothing(),
    );
    ::galtea::__private::run(
        call,
        move || -> Result<S, Split<S>> {
            let _ = &self;
            {
                const _: () = ();
                Err(Split(self))
            }
        },
        |value, returned| {
            use ::galtea::__private::SplitValue as _;
            match (&::galtea::__private::Output(value)).galtea_split() {
                ::core::result::Result::Ok(value) => {
                    use ::galtea::__private::{
                        PutOutputDebug as _, PutOutputLocked as _, PutOutputTypeName as _,
                    };
                    (&&::galtea::__private::Value(value.0)).galtea_put_output(returned);
                }
                ::core::result::Result::Err(error) => {
                    use ::galtea::__private::{PutErrorDebug as _, PutErrorTypeName as _};
                    (&&&error).galtea_put_error(returned);
                }
            }
        },
    )
}
