//! Record-and-replay contract test harness for Alibaba Cloud DNS's `DescribeBatchResultCount`.

pub mod gateway;
pub mod signing;
pub mod wire;
