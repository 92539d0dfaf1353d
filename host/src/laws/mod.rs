//! Provides the laws: what follows from a host's limits and a rate of churn. A file each, pure
//! arithmetic; rates per second, durations in seconds, sizes in bytes, all in the host's own time.

mod concurrency;
mod exhaustion;
mod outgoing_rate;
mod pool_limit;
mod pool_rate;
mod pool_use;
mod refuse_level;
mod steady_time_wait;

pub use concurrency::max_rate_of_places_per_s;
pub use exhaustion::time_to_exhaustion_s;
pub use outgoing_rate::max_outgoing_rate_per_s;
pub use pool_limit::{POOL_LIMIT_TOLERANCE_BYTES, pool_limit};
pub use pool_rate::{HeldBytes, max_pool_rate_per_s};
pub use pool_use::pool_use_of_churn_bytes;
pub use refuse_level::refuse_level_bytes;
pub use steady_time_wait::{steady_time_wait, time_wait_after};
