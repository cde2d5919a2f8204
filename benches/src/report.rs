//! The table: rows as they are measured, each with its budget and whether it was kept.

/// What a row promises.
pub struct Budget {
    words: String,
    kept: bool,
}

/// `value` is to be at most `limit`.
pub fn at_most(words: &str, value: f64, limit: f64) -> Budget {
    Budget { words: format!("{words} {value:.2} of at most {limit}"), kept: value <= limit }
}

/// `value` is to be at least `limit`.
pub fn at_least(words: &str, value: f64, limit: f64) -> Budget {
    Budget { words: format!("{words} {value:.2} of at least {limit}"), kept: value >= limit }
}

#[derive(Default)]
pub struct Report {
    missed: Vec<String>,
}

impl Report {
    pub fn section(&self, title: &str, columns: &[&str]) {
        println!("\n{title}");
        if !columns.is_empty() {
            self.line("", columns.iter().map(|column| (*column).to_owned()));
        }
    }

    /// `cells` under the section's columns, then the budgets.
    pub fn row(&mut self, name: &str, cells: &[String], budgets: &[Budget]) {
        self.line(name, cells.iter().cloned());
        for Budget { words, kept } in budgets {
            println!("      {} {words}", if *kept { "kept  " } else { "MISSED" });
            if !kept {
                self.missed.push(format!("{name}: {words}"));
            }
        }
    }

    /// Whether all budgets were kept. Says which were not.
    pub fn end(&self) -> bool {
        if self.missed.is_empty() {
            println!("\nAll budgets are kept.");
        } else {
            println!("\nBudgets missed:");
            self.missed.iter().for_each(|missed| println!("  {missed}"));
        }
        self.missed.is_empty()
    }

    #[expect(clippy::unused_self, reason = "only a report prints lines")]
    fn line(&self, name: &str, cells: impl Iterator<Item = String>) {
        let cells: String = cells.map(|cell| format!("{cell:>12}")).collect();
        println!("  {name:<34}{cells}");
    }
}

pub fn ns(value: f64) -> String {
    format!("{value:.1} ns")
}

pub fn ratio(value: f64) -> String {
    format!("{value:.2}")
}
