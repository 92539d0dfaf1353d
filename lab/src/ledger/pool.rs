//! Defines the non-paged pool by tag, counted as poolmon counts it: allocations and frees since
//! boot, bytes held now.

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
