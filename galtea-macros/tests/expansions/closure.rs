fn adder(step: u8) -> impl Fn(u8) -> u8 {
    let guard = ::galtea::__private::enter_returning(
        ::galtea::__private::begin(
            const {
                &::galtea::__private::Site::new(
                    "adder",
                    ::galtea::__private::TraceType::Span,
                    "",
                )
            },
            ::core::option::Option::Some(
                &mut |object| {
                    use ::galtea::__private::{
                        PutDebug as _, PutLocked as _, PutTypeName as _,
                    };
                    (&&::galtea::__private::Entry(&step)).galtea_put(object, "step");
                },
            ),
            ::galtea::__private::nothing(),
        ),
        "impl Fn (u8) -> u8",
    );
    {
        const _: () = ();
        move |value| value + step
    }
}
