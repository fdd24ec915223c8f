//! Stands in for the resolver with which `trunk serve` looks up this machine's names. `trunk serve` is never called:
//! `cargo xtask serve` and `cargo xtask dev` have their own server.

use std::net::IpAddr;

/// Would look up names.
#[derive(Debug)]
pub struct TokioResolver;

/// Would set up the resolver.
#[derive(Debug)]
pub struct Builder;

impl TokioResolver {
    /// # Errors
    /// Always: nothing is looked up here.
    pub fn builder_tokio() -> Result<Builder, &'static str> {
        Err("this Trunk is built without a resolver")
    }

    /// # Errors
    /// Always: nothing is looked up here.
    pub async fn reverse_lookup(&self, _: IpAddr) -> Result<Vec<String>, &'static str> {
        Err("this Trunk is built without a resolver")
    }
}

impl Builder {
    /// The resolver.
    pub fn build(self) -> TokioResolver {
        TokioResolver
    }
}
