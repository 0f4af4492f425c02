//! Whether a request may go on to whatever answers it.

use super::refusal::Refusal;
use crate::signing::Claim;
use crate::wire::Request;

/// A request that the gateway let through; nothing else can be played to.
#[derive(Clone, Debug)]
pub struct Admitted {
    request: Request,
    claim: Option<Claim>,
    waived: Vec<Refusal>,
}

impl Admitted {
    /// The request.
    pub fn request(&self) -> &Request {
        &self.request
    }

    /// How it is signed; none where that was waived.
    pub fn claim(&self) -> Option<&Claim> {
        self.claim.as_ref()
    }

    /// What the service would have refused it with, where the gateway only reports.
    pub fn waived(&self) -> &[Refusal] {
        &self.waived
    }
}
