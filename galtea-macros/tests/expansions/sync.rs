pub fn fetch(id: &str, key: String, _argument2: Guard) -> Result<User, Error> {
    let call = ::galtea::__private::begin(
        const {
            &::galtea::__private::Site::new(
                "fetch",
                ::galtea::__private::TraceType::Tool,
                "",
            )
        },
        ::core::option::Option::Some(
            &mut |object| {
                use ::galtea::__private::{
                    PutDebug as _, PutLocked as _, PutTypeName as _,
                };
                (&&::galtea::__private::Entry(&id)).galtea_put(object, "id");
                ::galtea::__private::ObjectWriter::masked(object, "key");
            },
        ),
        ::galtea::__private::nothing(),
    );
    ::galtea::__private::run(
        call,
        move || -> Result<User, Error> {
            #[allow(clippy::used_underscore_binding)]
            let _ = &_argument2;
            let _ = &key;
            {
                const _: () = ();
                find(id)?.ok_or(Error::Missing)
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
