//! Defines a pool of the kernel by tag, counted as poolmon counts it: allocations and frees since
//! boot, bytes held now.

/// Frees that lie behind each live allocation of the baseline. Assumed: a host up for days has freed
/// far more than it holds (poolmon examples of the driver documentation).
const FREED_PER_LIVE: u64 = 24;

/// One tag of the pool.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Tag {
    /// One to four characters, as poolmon prints it.
    pub name: String,
    /// Allocations since boot.
    pub allocs: u64,
    /// Frees since boot; never more than `allocs`.
    pub frees: u64,
    /// Bytes held now.
    pub bytes: u64,
}

/// A tag's place in its pool; stays valid, since no tag is ever removed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TagId(usize);

/// The pool: all tags, and their sum kept beside them.
#[derive(Clone, Debug, Default)]
pub struct Pool {
    tags: Vec<Tag>,
    used_bytes: u64,
    allocs: u64,
}

impl Pool {
    /// The tag of this name, made when it is not there yet.
    pub fn tag(&mut self, name: &str) -> TagId {
        let found = self.tags.iter().position(|tag| tag.name == name);
        TagId(found.unwrap_or_else(|| {
            self.tags.push(Tag { name: name.to_owned(), allocs: 0, frees: 0, bytes: 0 });
            self.tags.len() - 1
        }))
    }

    /// Lays `bytes` as the rest of the system holds them: by tag, part in thousandths, and bytes of one
    /// allocation. What the parts leave over goes to the first.
    pub(super) fn lay<'a>(
        &mut self,
        bytes: u64,
        parts: impl Iterator<Item = (&'a str, u32, u64)> + Clone,
    ) {
        let part = |per_mille: u32| bytes / 1000 * u64::from(per_mille);
        let told: u64 = parts.clone().map(|(_, per_mille, _)| part(per_mille)).sum();
        let mut left_over = bytes.saturating_sub(told);
        for (tag, per_mille, bytes_each) in parts {
            let tag = self.tag(tag);
            let bytes = part(per_mille) + std::mem::take(&mut left_over);
            let live = (bytes / bytes_each.max(1)).max(1);
            let past = live * FREED_PER_LIVE;
            self.alloc(tag, live + past, bytes);
            self.free(tag, past, 0);
        }
    }

    /// Takes `count` allocations of together `bytes`.
    pub fn alloc(&mut self, id: TagId, count: u64, bytes: u64) {
        let tag = &mut self.tags[id.0];
        tag.allocs += count;
        tag.bytes += bytes;
        self.used_bytes += bytes;
        self.allocs += count;
    }

    /// Gives `count` allocations of together `bytes` back; never more than the tag holds.
    pub fn free(&mut self, id: TagId, count: u64, bytes: u64) {
        let tag = &mut self.tags[id.0];
        let bytes = bytes.min(tag.bytes);
        tag.frees = (tag.frees + count).min(tag.allocs);
        tag.bytes -= bytes;
        self.used_bytes -= bytes;
    }

    /// Bytes in use: the sum over all tags.
    pub fn used_bytes(&self) -> u64 {
        self.used_bytes
    }

    /// Allocations since boot, over all tags.
    pub fn allocs(&self) -> u64 {
        self.allocs
    }

    /// All tags, in the order in which they first appeared.
    pub fn tags(&self) -> &[Tag] {
        &self.tags
    }
}
