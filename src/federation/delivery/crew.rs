//! A thread for each core, on which deliveries are signed and sent. What is carried there stays there: handing each signature to
//! another thread and back would cost about a third of what the signature itself does.

use std::sync::Arc;

use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};

use super::{
    courier::{Carried, Courier},
    round::Parcel,
};
use crate::error::Result;

/// An attempt is over.
pub struct Answered {
    pub turn: u64,
    pub delivery: i64,
    pub carried: Carried,
}

/// A delivery to be made, and who wants to know how it went. When nobody does any more it is dropped.
struct Errand {
    turn: u64,
    parcel: Parcel,
    report: UnboundedSender<Answered>,
}

/// Ends its threads when dropped.
pub struct Crew {
    threads: Vec<UnboundedSender<Errand>>,
}

impl Crew {
    pub fn start(courier: Courier) -> Result<Self> {
        let courier = Arc::new(courier);
        let cores = std::thread::available_parallelism().map_or(1, usize::from);
        let threads = (0..cores).map(|number| start_thread(number, courier.clone())).collect::<Result<_>>()?;
        Ok(Self { threads })
    }

    /// Deliveries of one turn go out on one thread, where their connections are.
    pub fn carry(&self, turn: u64, parcel: Parcel, report: &UnboundedSender<Answered>) {
        let chosen = usize::try_from(turn).unwrap_or(0).checked_rem(self.threads.len()).unwrap_or(0);
        if let Some(thread) = self.threads.get(chosen) {
            // a thread ends only after the crew
            let _ = thread.send(Errand { turn, parcel, report: report.clone() });
        }
    }
}

fn start_thread(number: usize, courier: Arc<Courier>) -> Result<UnboundedSender<Errand>> {
    let (sender, errands) = unbounded_channel();
    // answers are looked for between a few signatures, not after all that can be made
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().event_interval(8).build()?;
    let name = format!("courier-{number}");
    std::thread::Builder::new().name(name).spawn(move || runtime.block_on(run(courier, errands)))?;
    Ok(sender)
}

async fn run(courier: Arc<Courier>, mut errands: UnboundedReceiver<Errand>) {
    while let Some(Errand { turn, parcel, report }) = errands.recv().await {
        let courier = courier.clone();
        tokio::spawn(async move {
            let carried = tokio::select! {
                carried = courier.carry(&parcel) => carried,
                () = report.closed() => return,
            };
            let _ = report.send(Answered { turn, delivery: parcel.id, carried });
        });
    }
}
