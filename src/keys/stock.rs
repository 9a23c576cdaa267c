//! Key pairs made ahead of the actors they are for.

use std::sync::{Mutex, PoisonError};

use super::Pairs;
use crate::error::Result;

/// Pairs that belong to nobody yet, only in memory: whoever starts a group need not wait for the processor.
#[derive(Default)]
pub struct Stock {
    ready: Mutex<Vec<Pairs>>,
    making: Mutex<()>,
}

impl Stock {
    /// Lays one by; the last laid by is taken first.
    pub fn put(&self, pairs: Pairs) {
        self.ready.lock().unwrap_or_else(PoisonError::into_inner).push(pairs);
    }

    /// One for good. Where none is ready it is made now, on this thread, like [`Pairs::make`].
    pub fn take(&self) -> Result<Pairs> {
        let ready = self.ready.lock().unwrap_or_else(PoisonError::into_inner).pop();
        ready.map_or_else(Pairs::make, Ok)
    }

    /// Makes one where none is ready, on this thread; never two at once, however many ask.
    pub fn fill(&self) -> Result<()> {
        let Ok(_alone) = self.making.try_lock() else { return Ok(()) };
        if self.ready.lock().unwrap_or_else(PoisonError::into_inner).is_empty() {
            self.put(Pairs::make()?);
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_made_ahead_is_given_once() {
        let stock = Stock::default();
        stock.fill().unwrap();
        let ahead = stock.ready.lock().unwrap()[0].clone();
        stock.fill().unwrap();
        assert_eq!(stock.ready.lock().unwrap().len(), 1, "one is enough");
        assert!(stock.take().unwrap() == ahead);
        assert!(stock.take().unwrap() != ahead, "another one, made now");
    }
}
