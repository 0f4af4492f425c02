//! The two actions of the batch service.

use std::collections::{BTreeMap, HashMap};
use std::sync::{Mutex, PoisonError};

use super::answer::Answer;
use super::asked::Asked;
use super::tasks::Tasks;
use crate::contract::{KeyState, World};
use crate::gateway::{Admitted, Format, Refusal, System, render};
use crate::signing::{Secret, TestKeyId};
use crate::wire::{Request, Response, Timestamp};

/// A batch service in memory: `OperateBatchDomain` submits a task, `DescribeBatchResultCount` reports on it.
///
/// Every access key id is an account of its own, so `testid.left` and `testid.right` share nothing. An id that names a
/// scenario, `testid-SCENARIO`, begins in that scenario's world, every other one in the world given at the start.
///
/// # What was assumed
///
/// No answer of `DescribeBatchResultCount` has been published but three examples, so most of what the simulator does is
/// a guess. The last column names the rule that rests on it and the recording that would settle it.
///
/// | asked | answer | settled by |
/// |---|---|---|
/// | nothing was submitted | 200, `Status` -1 and `RequestId` alone | SCH-26, SCH-33: R01 |
/// | a `TaskId` that no task of the account has | the same | SCH-65: R02 |
/// | a `TaskId` together with another `BatchType` | the same | SCH-40: R07 |
/// | a `TaskId` that is no 64-bit integer | 400 `InvalidTaskId` | SCH-06: R06 |
/// | `01`, `+1`, `-1` as `TaskId` | read as the number | SCH-06: R06 |
/// | a `BatchType` that is none of the four, or in lower case | 400 `InvalidBatchType` | SCH-66: R05 |
/// | `Lang` other than `en`, or in capitals | Chinese | SCH-08: R04 |
/// | `Lang` | changes `Reason` and no `Message` | SCH-44, SCH-70: R04 |
/// | a parameter that the action does not have | ignored | SIG-26: R12 |
/// | a parameter that stands twice | the first counts | SIG-33: R12 |
/// | numbers in JSON | numbers, never texts | SCH-24: R01 |
/// | a task while it is processed | the counts so far, no `Reason` | SCH-32, SCH-35, SCH-48: R09 |
/// | a task of which every entry failed | `Status` 2 with a `Reason` | SCH-34: R10 |
/// | a task of which some entries failed | `Status` 1 without `Reason` | SCH-35: R10 |
/// | XML | the same fields in the same order, `RequestId` first, under `DescribeBatchResultCountResponse` | SCH-45: R08 |
/// | a task of long ago | never forgotten | nothing yet |
/// | the most recent task | of the access key, not of the whole account | nothing yet |
/// | `OperateBatchDomain` without a parameter that it needs | 400 `Missing` and the name | nothing yet |
/// | more than 1000 entries in one batch | the others are ignored, as documented for that action | nothing yet |
/// | a disabled key, a temporary key without its token or with another, a key that RAM denies, too many calls | 400, and the signature is looked at before | nothing yet |
///
/// An empty `TaskId` or `BatchType` counts as absent; that is documented. An entry fails where its domain ends in
/// `.invalid`: that is no guess but a way to ask for failures.
#[derive(Debug)]
pub struct Simulator {
    world: World,
    scenarios: BTreeMap<String, World>,
    tokens: HashMap<String, Secret>,
    accounts: Mutex<HashMap<String, Account>>,
}

impl Simulator {
    /// What it knows, as action and version.
    pub const OPERATIONS: [(&'static str, &'static str); 2] =
        [("DescribeBatchResultCount", "2015-01-09"), ("OperateBatchDomain", "2015-01-09")];

    /// Every account begins in `world`.
    pub fn new(world: World) -> Self {
        Self { world, scenarios: BTreeMap::new(), tokens: HashMap::new(), accounts: Mutex::default() }
    }

    /// Key ids that name `scenario` begin in `world` instead.
    #[must_use = "the simulator itself is not changed"]
    pub fn with_scenario(mut self, scenario: impl Into<String>, world: World) -> Self {
        self.scenarios.insert(scenario.into(), world);
        self
    }

    /// The key of that id is a temporary one, which needs its token; any token does where none is said.
    #[must_use = "the simulator itself is not changed"]
    pub fn with_token(mut self, key_id: impl Into<String>, token: Secret) -> Self {
        self.tokens.insert(key_id.into(), token);
        self
    }

    /// Answers a request that the gateway let through.
    pub fn answer(&self, admitted: &Admitted, now: Timestamp) -> Response {
        let request = admitted.request();
        let system = System::of(request);
        let format = system.format().unwrap_or(Format::Xml);
        let key_id = system.key_id().unwrap_or_default();
        let mut accounts = self.accounts.lock().unwrap_or_else(PoisonError::into_inner);
        let token = || self.tokens.get(&*key_id).cloned();
        let open = || Account::open(self.world_of(&key_id), token(), now.unix_seconds());
        let account = accounts.entry(key_id.to_string()).or_insert_with(open);
        match account.answer(request, system, now.unix_seconds()) {
            Ok(answer) => answer.render(format, request.raw()),
            Err(refusal) => render(&refusal, format, request.raw()),
        }
    }

    /// The scenario that `key_id` names, where there is none of that name.
    pub fn unknown_scenario<'k>(&self, key_id: &'k str) -> Option<&'k str> {
        let named = TestKeyId::parse(key_id)?.scenario?;
        (!self.scenarios.contains_key(named)).then_some(named)
    }

    /// The names of the scenarios, in alphabetical order.
    pub fn scenarios(&self) -> impl Iterator<Item = &str> {
        self.scenarios.keys().map(String::as_str)
    }

    fn world_of(&self, key_id: &str) -> &World {
        let scenario = TestKeyId::parse(key_id).and_then(|id| id.scenario);
        scenario.and_then(|name| self.scenarios.get(name)).unwrap_or(&self.world)
    }
}

/// The variables that `world` supplies: those it states, and the ids of its tasks.
pub fn variables(world: &World) -> BTreeMap<String, String> {
    let tasks = Tasks::of(world, 0);
    let ids = world.tasks.iter().zip(tasks.ids());
    let named = ids.filter_map(|(task, id)| Some((task.variable.clone()?, id.to_string())));
    world.variables.clone().into_iter().chain(named).collect()
}

#[derive(Debug)]
struct Account {
    key: KeyState,
    token: Option<Secret>,
    calls_before_throttling: u64,
    seconds_per_call: Option<u32>,
    calls: u64,
    latest_seconds: i64,
    tasks: Tasks,
}

impl Account {
    fn open(world: &World, token: Option<Secret>, began_seconds: i64) -> Self {
        Self {
            key: world.key,
            token,
            calls_before_throttling: world.calls_before_throttling.unwrap_or(u64::MAX),
            seconds_per_call: world.seconds_per_call,
            calls: 0,
            latest_seconds: began_seconds,
            tasks: Tasks::of(world, began_seconds),
        }
    }

    fn answer(&mut self, request: &Request, system: System<'_>, clock_seconds: i64) -> Result<Answer, Refusal> {
        let now_seconds = self.time_of_next_call(clock_seconds);
        self.admit(system)?;
        let asked = Asked::read(request, &system.action().unwrap_or_default())?;
        if self.key == KeyState::Denied {
            return Err(denied());
        }
        Ok(match asked {
            Asked::Progress { wanted, language } => {
                Answer::progress(self.tasks.progress(wanted, now_seconds), language)
            }
            Asked::Submission { batch, fates } => Answer::submitted(self.tasks.submit(batch, fates, now_seconds)),
        })
    }

    /// Time never goes back, whatever the clock does, so that no count ever falls.
    fn time_of_next_call(&mut self, clock_seconds: i64) -> i64 {
        let next_seconds = match self.seconds_per_call {
            Some(_) if self.calls == 0 => self.latest_seconds,
            Some(seconds) => self.latest_seconds + i64::from(seconds),
            None => clock_seconds.max(self.latest_seconds),
        };
        self.calls += 1;
        self.latest_seconds = next_seconds;
        next_seconds
    }

    fn admit(&self, system: System<'_>) -> Result<(), Refusal> {
        if self.key == KeyState::Disabled {
            return Err(disabled());
        }
        self.admit_token(&system.token().unwrap_or_default())?;
        if self.calls > self.calls_before_throttling { Err(throttled()) } else { Ok(()) }
    }

    fn admit_token(&self, token: &str) -> Result<(), Refusal> {
        match &self.token {
            None if self.key != KeyState::Temporary => Ok(()),
            _ if token.is_empty() => Err(without_token()),
            Some(expected) if expected.expose() != token.as_bytes() => Err(with_another_token()),
            _ => Ok(()),
        }
    }
}

/// [Observed](https://github.com/jeessy2/ddns-go/issues/1155), read 2026-11-24.
fn denied() -> Refusal {
    let message = "User not authorized to operate on the specified resource, or this API doesn't support RAM.";
    Refusal::new("Forbidden.RAM", 400, message)
}

/// [Documented](https://help.aliyun.com/en/document_detail/434846.html), read 2026-11-24.
fn disabled() -> Refusal {
    Refusal::new("InvalidAccessKeyId.Inactive", 400, "Specified access key is disabled.")
}

/// [Observed](https://github.com/gardener/external-dns-management/issues/71) without a status, read 2026-11-24.
fn throttled() -> Refusal {
    Refusal::new("Throttling.User", 400, "Request was denied due to user flow control.")
}

/// Documented for other products of the vendor; that this one answers so is assumed.
fn with_another_token() -> Refusal {
    Refusal::new(
        "InvalidSecurityToken.MismatchWithAccessKey",
        400,
        "Specified SecurityToken mismatch with the AccessKey.",
    )
}

/// [Observed](https://github.com/denverdino/aliyungo/issues/204), read 2026-11-24.
fn without_token() -> Refusal {
    Refusal::new("MissingSecurityToken", 400, "SecurityToken is mandatory for this action.")
}
