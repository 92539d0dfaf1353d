//! Provides source ports where the kernel cannot be left to choose them: which range the kernel
//! gives out, and a map of free ports of our own for a range outside it.
//!
//! `IP_LOCAL_PORT_RANGE` narrows the kernel's choice only inside `ip_local_port_range`; outside it
//! is silently ignored (Linux 6.18, measured: 130 of 130 connects left the range).

use std::collections::{HashMap, VecDeque};
use std::net::IpAddr;

/// Where source ports come from.
#[derive(Debug)]
pub enum Ports {
    /// The kernel chooses among its own.
    Kernel,
    /// The kernel chooses within this part of its own range.
    Narrowed {
        /// First port.
        low: u16,
        /// Last port.
        high: u16,
    },
    /// We bind each socket to a port of our own map.
    Own(PortMap),
}

impl Ports {
    /// Chooses the way to keep to `wanted`, given the kernel's own range (`None` where unknown).
    /// Of `of` threads, thread `core` owns every `of`-th port of an own map.
    pub fn choose(
        wanted: Option<(u16, u16)>,
        kernel: Option<(u16, u16)>,
        core: usize,
        of: usize,
    ) -> Self {
        match (wanted, kernel) {
            (None, _) => Self::Kernel,
            (Some((low, high)), Some((from, to))) if from <= low && high <= to => {
                Self::Narrowed { low, high }
            }
            (Some((low, high)), _) => Self::Own(PortMap::new((low, high), core, of, false)),
        }
    }

    /// Has each port used again as soon as it is free.
    pub fn reused(range: (u16, u16), core: usize, of: usize) -> Self {
        Self::Own(PortMap::new(range, core, of, true))
    }
}

/// Free ports of each source address, the longest unused first, or the last used.
#[derive(Debug)]
pub struct PortMap {
    ports: Vec<u16>,
    last_used_first: bool,
    by_source: HashMap<Option<IpAddr>, VecDeque<u16>>,
}

impl PortMap {
    fn new((low, high): (u16, u16), core: usize, of: usize, last_used_first: bool) -> Self {
        let ports = (low..=high).skip(core).step_by(of.max(1)).collect();
        Self { ports, last_used_first, by_source: HashMap::new() }
    }

    /// How many ports are free for a source address, as far as the map knows.
    pub fn free(&self, source: Option<IpAddr>) -> usize {
        self.by_source.get(&source).map_or(self.ports.len(), VecDeque::len)
    }

    /// Takes the port that has been free longest, or shortest.
    pub fn take(&mut self, source: Option<IpAddr>) -> Option<u16> {
        let ports = &self.ports;
        self.by_source.entry(source).or_insert_with(|| ports.iter().copied().collect()).pop_front()
    }

    /// Gives a port back; it will be tried last, or next.
    pub fn give_back(&mut self, source: Option<IpAddr>, port: u16) {
        let free = self.by_source.entry(source).or_default();
        if self.last_used_first { free.push_front(port) } else { free.push_back(port) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_kernel_chooses_where_it_can_keep_to_the_range() {
        let kernel = Some((32768, 60999));
        let way = |wanted, kernel| match Ports::choose(wanted, kernel, 0, 1) {
            Ports::Kernel => "kernel",
            Ports::Narrowed { .. } => "narrowed",
            Ports::Own(_) => "own",
        };
        for (wanted, kernel, expected, why) in [
            (None, kernel, "kernel", "nothing is asked"),
            (Some((43000, 43099)), kernel, "narrowed", "inside the kernel's range"),
            (Some((32768, 60999)), kernel, "narrowed", "the kernel's range itself"),
            (Some((1025, 5000)), kernel, "own", "outside it the option would be ignored"),
            (Some((60990, 61009)), kernel, "own", "partly outside"),
            (Some((43000, 43099)), None, "own", "the kernel's range is not known"),
        ] {
            assert_eq!(way(wanted, kernel), expected, "{why}");
        }
    }

    #[test]
    fn an_own_map_gives_each_port_once_per_source_and_the_longest_free_first() {
        let Ports::Own(mut map) = Ports::choose(Some((10, 12)), None, 0, 1) else {
            panic!("an own map")
        };
        let other = Some(IpAddr::from([127, 0, 0, 2]));
        assert_eq!(
            [map.take(None), map.take(None), map.take(None)],
            [Some(10), Some(11), Some(12)]
        );
        assert_eq!((map.take(None), map.free(None)), (None, 0), "none is left");
        assert_eq!(map.take(other), Some(10), "another source address has its own");
        map.give_back(None, 12);
        map.give_back(None, 10);
        assert_eq!(map.take(None), Some(12), "given back first, taken first");
    }

    #[test]
    fn a_port_that_is_used_again_is_the_last_that_came_free() {
        let Ports::Own(mut map) = Ports::reused((10, 12), 0, 1) else { panic!("an own map") };
        assert_eq!((map.take(None), map.take(None)), (Some(10), Some(11)));
        map.give_back(None, 10);
        assert_eq!((map.take(None), map.take(None)), (Some(10), Some(12)));
    }

    #[test]
    fn threads_share_the_ports_out_without_overlap() {
        let mut seen: Vec<u16> = (0..3)
            .flat_map(|core| match Ports::choose(Some((10, 19)), None, core, 3) {
                Ports::Own(map) => map.ports,
                _ => panic!("an own map"),
            })
            .collect();
        seen.sort_unstable();
        assert_eq!(seen, (10..=19).collect::<Vec<_>>());
    }
}
