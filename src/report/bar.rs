/// What bars are drawn with.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Ink {
    /// Signs that every terminal, file and reader has.
    #[default]
    Ascii,
    /// Blocks, to an eighth of a column.
    Blocks,
}

const EIGHTHS: [char; 8] = [' ', '▏', '▎', '▍', '▌', '▋', '▊', '▉'];

impl Ink {
    /// A bar of so much of `width` columns, from 0 to 1. What is more than nothing is seen.
    pub(super) fn bar(self, share: f64, width: usize) -> String {
        let share = share.clamp(0.0, 1.0);
        match self {
            Ink::Ascii => {
                let columns = (share * width as f64).round() as usize;
                "#".repeat(if share > 0.0 { columns.max(1) } else { columns })
            }
            Ink::Blocks => {
                let eighths = (share * width as f64 * 8.0).round() as usize;
                let eighths = if share > 0.0 { eighths.max(1) } else { eighths };
                let mut bar = "█".repeat(eighths / 8);
                let rest = EIGHTHS.get(eighths % 8).filter(|_| eighths % 8 > 0);
                bar.extend(rest);
                bar
            }
        }
    }
}

/// `12.5%`; a share that is not none and not all is never shown as if it were.
pub(super) fn percent(part: usize, whole: usize) -> String {
    let share = if whole == 0 { 0.0 } else { part as f64 / whole as f64 };
    percentage(share)
}

/// `12.5%`, of a share from 0 to 1.
pub(super) fn percentage(share: f64) -> String {
    match (share * 1000.0).round() {
        0.0 if share > 0.0 => "<0.1%".to_owned(),
        1000.0 if share < 1.0 => ">99.9%".to_owned(),
        tenths => format!("{:.1}%", tenths / 10.0),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_more_than_nothing_is_seen() {
        assert_eq!(Ink::Ascii.bar(0.0, 20), "");
        assert_eq!(Ink::Ascii.bar(0.001, 20), "#");
        assert_eq!(Ink::Ascii.bar(0.5, 8), "####");
        assert_eq!(Ink::Blocks.bar(0.001, 20), "▏");
        assert_eq!(Ink::Blocks.bar(0.55, 2), "█▏");
        assert_eq!(Ink::Blocks.bar(1.0, 3), "███");
        assert_eq!(Ink::Ascii.bar(f64::NAN, 3), "");
    }

    #[test]
    fn a_share_is_neither_none_nor_all_unless_it_is() {
        let shown = [(0, 10), (1, 100_000), (1, 8), (99_999, 100_000), (10, 10), (0, 0)];
        let shown = shown.map(|(part, whole)| percent(part, whole));
        assert_eq!(shown, ["0.0%", "<0.1%", "12.5%", ">99.9%", "100.0%", "0.0%"]);
    }
}
