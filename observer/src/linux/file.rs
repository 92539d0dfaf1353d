//! Provides a kernel file that is opened once and read many times.

use std::fs::File;
use std::io::{Read, Seek};

/// An open kernel file, or why it is none.
#[derive(Debug)]
pub struct KernelFile {
    path: String,
    file: Result<File, String>,
    text: String,
}

impl KernelFile {
    /// Opens it; a failure is told at each read.
    pub fn open(path: String) -> Self {
        let file = File::open(&path).map_err(|e| format!("{path} cannot be opened: {e}"));
        Self { path, file, text: String::new() }
    }

    /// Its text now. The error is a sentence.
    pub fn read(&mut self) -> Result<&str, String> {
        let file = self.file.as_mut().map_err(|reason| reason.clone())?;
        self.text.clear();
        file.rewind()
            .and_then(|()| file.read_to_string(&mut self.text))
            .map_err(|e| format!("{} cannot be read: {e}", self.path))?;
        Ok(&self.text)
    }
}
