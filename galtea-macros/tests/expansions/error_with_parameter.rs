fn reunite(self) -> Result<S, Split<S>> {
    let mut call = {
        let site = const {
            &::galtea::__private::Site::new(
                "reunite",
                ::galtea::__private::TraceType::Span,
                "",
            )
        };
        if ::galtea::__private::is_active() {
            use ::galtea::__private::{
                DebugEntry as _, LockedEntry as _, NamedEntry as _,
            };
            ::galtea::__private::begin(
                site,
                ::galtea::__private::Given::Arguments(&[]),
                ::core::option::Option::None,
            )
        } else {
            ::galtea::__private::outside(site)
        }
    };
    let value = ::galtea::__private::run(
        &mut call,
        move || -> Result<S, Split<S>> {
            let _ = &self;
            {
                const _: () = ();
                Err(Split(self))
            }
        },
    );
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
                use ::galtea::__private::{PutErrorDebug as _, PutErrorTypeName as _};
                (&&&error).galtea_put_error(&mut call);
            }
        }
    }
    value
}
