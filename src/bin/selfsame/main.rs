//! The command line of selfsame.

fn main() {}
