#[track_caller]
fn at(&mut self, index: usize) -> Result<u8, Missing> {
    let guard = ::galtea::__private::enter({
        let site = const {
            &::galtea::__private::Site::new(
                "at",
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
                ::galtea::__private::Given::Arguments(
                    &[("index", &(&&::galtea::__private::Entry(&index)).galtea_entry())],
                ),
                ::core::option::Option::Some(
                    &mut |object| {
                        use ::galtea::__private::{
                            DebugEntry as _, LockedEntry as _, NamedEntry as _,
                        };
                        ::galtea::__private::put(
                            object,
                            "index",
                            &(&&::galtea::__private::Entry(&(index))).galtea_entry(),
                        );
                    },
                ),
            )
        } else {
            ::galtea::__private::outside(site)
        }
    });
    ::galtea::__private::finish(
        &guard,
        {
            const _: () = ();
            let found = ::galtea::__private::observe(
                &guard,
                self.find(index),
                |value, returned| {
                    use ::galtea::__private::SplitValue as _;
                    if let ::core::result::Result::Err(error) = (&::galtea::__private::Output(
                        value,
                    ))
                        .galtea_split()
                    {
                        use ::galtea::__private::{
                            PutError as _, PutErrorBehind as _, PutErrorDebug as _,
                            PutErrorTypeName as _,
                        };
                        (&&&error).galtea_put_error(returned);
                    }
                },
            )?;
            return ::galtea::__private::finish(
                &guard,
                Ok(found),
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
            );
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
                    use ::galtea::__private::{
                        PutError as _, PutErrorBehind as _, PutErrorDebug as _,
                        PutErrorTypeName as _,
                    };
                    (&&&error).galtea_put_error(returned);
                }
            }
        },
    )
}
