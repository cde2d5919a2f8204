pub fn fetch(id: &str, key: String, _argument2: Guard) -> Result<User, Error> {
    let mut call = {
        let site = const {
            &::galtea::__private::Site::new(
                "fetch",
                ::galtea::__private::TraceType::Tool,
                "",
            )
        };
        if ::galtea::__private::is_active() {
            use ::galtea::__private::{
                DebugEntry as _, LockedEntry as _, NamedEntry as _,
            };
            ::galtea::__private::begin(
                site,
                ::galtea::__private::Given::Arguments(
                    &[
                        ("id", &(&&::galtea::__private::Entry(&id)).galtea_entry()),
                        ("key", &::galtea::__private::Masked),
                    ],
                ),
                ::core::option::Option::None,
            )
        } else {
            ::galtea::__private::outside(site)
        }
    };
    let value = ::galtea::__private::run(
        &mut call,
        move || -> Result<User, Error> {
            #[allow(clippy::used_underscore_binding)]
            let _ = &_argument2;
            let _ = &key;
            {
                const _: () = ();
                find(id)?.ok_or(Error::Missing)
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
                use ::galtea::__private::{
                    PutError as _, PutErrorBehind as _, PutErrorDebug as _,
                    PutErrorTypeName as _,
                };
                (&&&error).galtea_put_error(&mut call);
            }
        }
    }
    value
}
