//! Questions on the terminal, one after the other. An empty line skips a question; an answer that cannot be read is asked
//! for again.

use std::io::{BufRead, Write};

pub(crate) struct Dialog<'a, I, O> {
    pub(crate) input: &'a mut I,
    pub(crate) output: &'a mut O,
}

impl<I: BufRead, O: Write> Dialog<'_, I, O> {
    fn line(&mut self, question: &str) -> anyhow::Result<String> {
        write!(self.output, "{question} ")?;
        self.output.flush()?;
        let mut line = String::new();
        self.input.read_line(&mut line)?;
        Ok(line.trim().to_owned())
    }

    /// Asks for one value.
    pub(crate) fn ask<T>(
        &mut self,
        question: &str,
        read: impl Fn(&str) -> anyhow::Result<T>,
    ) -> anyhow::Result<Option<T>> {
        loop {
            let line = self.line(question)?;
            if line.is_empty() {
                return Ok(None);
            }
            match read(&line) {
                Ok(value) => return Ok(Some(value)),
                Err(why) => writeln!(self.output, "  {why}")?,
            }
        }
    }

    /// Asks for values, one per line, until a line is empty.
    pub(crate) async fn ask_several<T>(
        &mut self,
        question: &str,
        read: impl AsyncFn(&str) -> anyhow::Result<T>,
    ) -> anyhow::Result<Vec<T>> {
        let mut values = Vec::new();
        let mut question = question;
        loop {
            let line = self.line(question)?;
            if line.is_empty() {
                return Ok(values);
            }
            match read(&line).await {
                Ok(value) => values.push(value),
                Err(why) => writeln!(self.output, "  {why}")?,
            }
            question = " ";
        }
    }
}
