//! Provides the sentence that says what a forecast assumes.

use model::units::format_count;

use super::load::{Load, Plan};
use super::trend::{Driver, Trend};
use crate::words::at;

/// What is assumed to go on; amounts are told by `amount`.
pub(super) fn assumed(
    found: &Trend,
    load: Option<&Load>,
    plan: Option<&Plan>,
    amount: &dyn Fn(f64) -> String,
) -> String {
    let (from_s, to_s) = (found.from_s, found.to_s);
    let span = format!("{} to {}", at(from_s), at(to_s));
    match (found.driver, load) {
        (Driver::Connections, Some(load)) => {
            let each = amount(found.slope);
            let load = match plan.is_some_and(Plan::varies) {
                true => "the load follows the scenario's hours".to_owned(),
                false => format!("the load keeps its mean of {:.1}/s", load.rate(from_s, to_s)),
            };
            format!("growth of {each} per connection goes on as from {span} and {load}")
        }
        (_, Some(load)) => format!(
            "growth of {}/s goes on as from {span} under {}/s of load",
            amount(found.slope),
            format_count(load.rate(from_s, to_s).round() as u64)
        ),
        (_, None) => format!("growth of {}/s goes on as from {span}", amount(found.slope)),
    }
}
