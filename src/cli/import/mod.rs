//! x
#[derive(clap::Args)]
/// x
pub struct Import {}
impl Import {
    /// x
    pub async fn run(self) -> anyhow::Result<std::process::ExitCode> {
        todo!()
    }
}
