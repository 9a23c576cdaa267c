//! Speed and memory of a whole city; fails when a promise is missed. `cargo bench --bench speed [-- delivery|pages] [ROUNDS]`

mod delivery;
mod gates;
mod machine;
mod pages;
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
    if !only("delivery") {
        pages::run(&mut gates);
    }
    if !only("pages") {
        delivery::run(&mut gates, rounds.unwrap_or(3));
    }
    gates.judge();
}
