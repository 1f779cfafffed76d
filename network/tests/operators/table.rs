//! The table of operators in the documentation.

use std::collections::BTreeSet;

use ingrad::Operator;

#[test]
fn the_table_names_exactly_the_operators_that_are_supported() {
    let rows = include_str!("../../OPERATORS.md").lines().filter_map(|line| line.strip_prefix("| "));
    let names = rows.filter_map(|row| row.split(" | ").next()).flat_map(|cell| cell.split(", "));
    let listed: BTreeSet<&str> = names.filter(|name| name.starts_with(char::is_uppercase)).collect();
    let supported: BTreeSet<&str> = Operator::ALL.iter().map(|operator| operator.name()).collect();
    assert_eq!(listed, supported);
}
