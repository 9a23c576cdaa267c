//! What was promised, and what came of it.

#[derive(Default)]
pub struct Gates {
    missed: Vec<String>,
}

impl Gates {
    fn check(&mut self, kept: bool, what: String) {
        if !kept {
            self.missed.push(what);
        }
    }

    pub fn at_least(&mut self, what: &str, is: f64, promised: f64) {
        self.check(is >= promised, format!("{what}: {is:.2}, promised at least {promised}"));
    }

    pub fn at_most(&mut self, what: &str, is: f64, promised: f64) {
        self.check(is <= promised, format!("{what}: {is:.2}, promised at most {promised}"));
    }

    pub fn exact(&mut self, what: &str, is: usize, promised: usize) {
        self.check(is == promised, format!("{what}: {is}, promised {promised}"));
    }

    pub fn judge(self) {
        if self.missed.is_empty() {
            return println!("every promise kept");
        }
        self.missed.iter().for_each(|missed| eprintln!("MISSED {missed}"));
        std::process::exit(1);
    }
}
