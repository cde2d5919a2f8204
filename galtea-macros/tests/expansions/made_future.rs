fn later(count: u8) -> impl Future<Output = u8> {
    let call = {
        use ::galtea::__private::{DebugEntry as _, LockedEntry as _, NamedEntry as _};
        ::galtea::__private::prepare(
            const {
                &::galtea::__private::Site::new(
                    "later",
                    ::galtea::__private::TraceType::Span,
                    "",
                )
            },
            ::galtea::__private::Given::Arguments(
                &[("count", &(&&::galtea::__private::Entry(&count)).galtea_entry())],
            ),
            ::core::option::Option::None,
        )
    };
    ::galtea::__private::trace_made_future(
        call,
        ::galtea::__private::expect_future::<
            u8,
            _,
        >(::galtea::__private::make(move || -> _ { ready(count) })),
        |value, returned| {
            use ::galtea::__private::{
                PutOutputDebug as _, PutOutputLocked as _, PutOutputTypeName as _,
            };
            (&&::galtea::__private::Value(value)).galtea_put_output(returned);
        },
    )
}
