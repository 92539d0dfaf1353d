//! Provides the readers of what `netsh` shows: the range of ephemeral ports, the ports kept out of
//! it, and the request queues of HTTP.sys.

mod ports;
mod service_state;

pub use self::ports::{DynamicPorts, ExcludedPorts, dynamic_ports, excluded_ports};
pub use self::service_state::{RequestQueue, ServiceState, service_state};
