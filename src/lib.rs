//! Record-and-replay contract test harness for Alibaba Cloud DNS's `DescribeBatchResultCount`.

pub mod contract;
pub mod gateway;
pub mod signing;
#[cfg(feature = "cli")]
pub mod simulator;
pub mod wire;
