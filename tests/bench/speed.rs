//! Speed and memory of a whole city; fails when a promise is missed.
//!
//! `cargo bench --bench speed [-- delivery|pages|inbound] [ROUNDS]`

mod delivery;
mod gates;
mod inbound;
mod machine;
mod pages;
mod peer;
mod reader;
mod series;
mod served;
mod sink;

fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    if arguments.iter().any(|argument| argument == sink::ARGUMENT) {
        return sink::run();
    }
    let rounds = arguments.iter().find_map(|argument| argument.parse().ok());
    let only = |name: &str| arguments.iter().any(|argument| argument == name);
    println!("{}", machine::describe());
    let mut gates = gates::Gates::default();
    let all = !["delivery", "pages", "inbound"].into_iter().any(only);
    if all || only("pages") {
        pages::run(&mut gates);
    }
    if all || only("delivery") {
        delivery::run(&mut gates, rounds.unwrap_or(3));
    }
    if all || only("inbound") {
        inbound::run(&mut gates);
    }
    gates.judge();
}
