//! (room laid out; furniture follows)
