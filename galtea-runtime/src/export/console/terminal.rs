//! Where standard error leads, and what colours are wanted there.

use std::io::{self, IsTerminal};

use super::ConsoleStyle;

/// What the environment says of colours.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Colours {
    Never,
    OnTerminals,
    Always,
}

impl Colours {
    /// A refusal beats a demand: whoever set `NO_COLOR` cannot see or bear them.
    pub(super) fn wanted(env: impl Fn(&str) -> Option<String>) -> Self {
        let set = |name| env(name).filter(|value| !value.is_empty());
        if set("NO_COLOR").is_some() {
            Self::Never
        } else if set("CLICOLOR_FORCE").is_some_and(|value| value != "0") {
            Self::Always
        } else if set("TERM").is_some_and(|value| value == "dumb") {
            Self::Never
        } else {
            Self::OnTerminals
        }
    }
}

/// Asked anew for each drawing: terminals change their size.
pub(super) fn style_of_stderr(colours: Colours) -> ConsoleStyle {
    let stderr = io::stderr();
    style(
        colours,
        stderr.is_terminal().then(|| terminal_size::terminal_size_of(&stderr).map(|size| size.0.0)),
    )
}

/// `terminal`: none, one of unknown width, or one of known width.
#[expect(clippy::option_option, reason = "private, and explained in the line above")]
fn style(colours: Colours, terminal: Option<Option<u16>>) -> ConsoleStyle {
    let plain = ConsoleStyle::plain();
    let colour = match colours {
        Colours::Never => false,
        Colours::OnTerminals => terminal.is_some(),
        Colours::Always => true,
    };
    let width = terminal.flatten().filter(|width| *width > 0).unwrap_or(plain.width);
    plain.width(width).colour(colour)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn wanted(set: &[(&str, &str)]) -> Colours {
        Colours::wanted(|name| set.iter().find(|(key, _)| *key == name).map(|(_, value)| (*value).to_owned()))
    }

    #[test]
    fn no_color_beats_everything_and_counts_only_when_not_empty() {
        assert_eq!(wanted(&[]), Colours::OnTerminals);
        assert_eq!(wanted(&[("NO_COLOR", "")]), Colours::OnTerminals);
        assert_eq!(wanted(&[("NO_COLOR", "0")]), Colours::Never);
        assert_eq!(wanted(&[("NO_COLOR", "1"), ("CLICOLOR_FORCE", "1")]), Colours::Never);
    }

    #[test]
    fn colour_can_be_forced_and_a_dumb_terminal_has_none() {
        assert_eq!(wanted(&[("CLICOLOR_FORCE", "1"), ("TERM", "dumb")]), Colours::Always);
        assert_eq!(wanted(&[("CLICOLOR_FORCE", "0")]), Colours::OnTerminals);
        assert_eq!(wanted(&[("TERM", "dumb")]), Colours::Never);
    }

    #[test]
    fn a_pipe_gets_eighty_columns_and_no_colour_and_a_terminal_its_own_width() {
        let plain = ConsoleStyle::plain();
        assert_eq!(style(Colours::OnTerminals, None), plain);
        assert_eq!(style(Colours::Always, None), plain.colour(true));
        assert_eq!(style(Colours::OnTerminals, Some(Some(132))), plain.width(132).colour(true));
        assert_eq!(style(Colours::Never, Some(Some(132))), plain.width(132));
        assert_eq!(style(Colours::OnTerminals, Some(Some(0))), plain.colour(true));
        assert_eq!(style(Colours::OnTerminals, Some(None)), plain.colour(true));
    }
}
