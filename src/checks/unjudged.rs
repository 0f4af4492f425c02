//! Rules that no exchange is judged by: properties of our own signing, and what cannot be judged yet.

use super::check::{Check, Judge, info, must, should};

pub(super) const CHECKS: &[Check] = &[
    must(
        "SIG-02",
        "the order in which parameters are given does not change the signature",
        Judge::Property { test: "the_order_of_parameters_does_not_change_the_signature" },
    ),
    must(
        "SIG-05",
        "changing, adding or removing any byte of a signed name or value changes the signature",
        Judge::Property { test: "every_byte_of_a_name_or_value_changes_the_signature" },
    ),
    must(
        "SIG-15",
        "percent-encoding can be undone, and no two texts share an encoding",
        Judge::Property { test: "decoding_undoes_encoding" },
    ),
    must(
        "SIG-16",
        "encoding twice is not encoding once where a byte is reserved",
        Judge::Property { test: "encoding_twice_is_not_encoding_once" },
    ),
    must(
        "SIG-23",
        "the same input, nonce, time and secret give the same signature",
        Judge::Property { test: "the_same_request_is_signed_the_same_each_time" },
    ),
    must(
        "SIG-35",
        "parameters in the query, in a form or split over both give the same HMAC-SHA1 signature",
        Judge::Property { test: "the_place_of_parameters_does_not_change_the_hmac_sha1_signature" },
    ),
    must(
        "SIG-42",
        "host, port, scheme and headers do not enter the HMAC-SHA1 signature",
        Judge::Property { test: "headers_do_not_enter_the_hmac_sha1_signature" },
    ),
    must(
        "SIG-46",
        "one changed byte of the body changes the ACS3 signature",
        Judge::Property { test: "every_byte_of_the_body_changes_the_acs3_signature" },
    ),
    must(
        "SIG-48",
        "a changed header breaks the ACS3 signature where it is listed, and nowhere else",
        Judge::Property { test: "only_listed_headers_enter_the_acs3_signature" },
    ),
    must(
        "SIG-52",
        "flipping any bit of what is signed is noticed, and flipping it back is forgiven",
        Judge::Property { test: "every_flipped_bit_is_noticed_and_forgiven" },
    ),
    should(
        "SIG-39",
        "secret, token and signature do not show in output, logs or the text of errors",
        Judge::NotJudged { because: "it shows only where clients run in processes of their own" },
    ),
    must(
        "SCH-03",
        "each parameter may be left out, in every combination",
        Judge::NotJudged { because: "it says what is legal; the covering rows ask all combinations of every client" },
    ),
    info(
        "SCH-06",
        "a TaskId that is no 64-bit integer in plain digits is passed through or refused by the client",
        Judge::NotJudged { because: "both are right until a recording shows what the service does (R06)" },
    ),
    info(
        "SCH-32",
        "counts that add up do not mean that the task is completed",
        Judge::NotJudged { because: "it is a warning to readers, shown by a published example, and forbids nothing" },
    ),
    must(
        "SCH-39",
        "without TaskId the answer is about the last task",
        Judge::NotJudged {
            because: "which task is the last is known to the service alone until a recording starts one",
        },
    ),
    info(
        "SCH-40",
        "a TaskId of one type with a BatchType of another is refused, answered emptily, or the type is ignored",
        Judge::NotJudged { because: "which of the three is not known until it is recorded (R07)" },
    ),
    must(
        "SCH-49",
        "asking changes nothing",
        Judge::NotJudged { because: "a change would show only beside a second way to look at the account" },
    ),
    must(
        "SCH-65",
        "an unknown TaskId is refused, or answered with Status -1",
        Judge::NotJudged { because: "which of the two is the first thing to record (R02)" },
    ),
    must(
        "SCH-66",
        "an unknown BatchType is refused, or ignored",
        Judge::NotJudged { because: "which of the two is not known until it is recorded (R05)" },
    ),
    should(
        "SCH-69",
        "only throttling, unavailability, internal errors, a used nonce and network faults are retried",
        Judge::NotJudged { because: "retries are told apart only where clients run in processes of their own" },
    ),
];
