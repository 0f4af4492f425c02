//! `explain`, from its input to its exit code.

use serde_json::{Value, json};

use crate::world::{command, stderr, stdout};

// The example of Alidns' own page on signatures, https://www.alibabacloud.com/help/en/doc-detail/29747.htm,
// read 2026-11-24.
const PUBLISHED: &str = "http://alidns.aliyuncs.com/?Format=XML&AccessKeyId=testid&Action=DescribeDomainRecords\
    &SignatureMethod=HMAC-SHA1&DomainName=example.com&SignatureNonce=f59ed6a9-83fc-473b-9cc6-99c95df3856e\
    &SignatureVersion=1.0&Version=2015-01-09&Timestamp=2016-03-24T16%3A41%3A54Z";
const PUBLISHED_SIGNATURE: &str = "&Signature=uRpHwaSEt3J%2B6KQD%2F%2FsvCh%2Fx%2BpI%3D";

fn lines(text: &str) -> Vec<Value> {
    text.lines().map(|line| serde_json::from_str(line).expect("every line is JSON")).collect()
}

fn verdicts(text: &str) -> Vec<String> {
    lines(text).iter().map(|line| line["verdict"].as_str().unwrap_or("none").to_owned()).collect()
}

#[test]
fn the_published_example_is_valid_and_shows_its_stages() {
    let url = format!("{PUBLISHED}{PUBLISHED_SIGNATURE}");

    let output = command().args(["explain", "--format", "json", &url]).output().expect("it runs");

    let line = lines(&stdout(&output)).remove(0);
    assert_eq!(line["verdict"], "valid");
    assert_eq!(line["scheme"], "HMAC-SHA1");
    assert_eq!(
        line["stages"]["string_to_sign"],
        "GET&%2F&AccessKeyId%3Dtestid%26Action%3DDescribeDomainRecords%26DomainName%3Dexample.com%26Format%3DXML\
         %26SignatureMethod%3DHMAC-SHA1%26SignatureNonce%3Df59ed6a9-83fc-473b-9cc6-99c95df3856e%26SignatureVersion%3D1.0\
         %26Timestamp%3D2016-03-24T16%253A41%253A54Z%26Version%3D2015-01-09"
    );
    assert_eq!(line["stages"]["signature"], "uRpHwaSEt3J+6KQD//svCh/x+pI=");
    assert_eq!(
        line["parameters"][1],
        json!({"name": "AccessKeyId", "value": "testid", "place": "query", "class": "secret"})
    );
    assert_eq!(output.status.code(), Some(0));
    assert_eq!(stderr(&output), "");
}

#[test]
fn a_wrong_signature_is_invalid_and_exits_with_1() {
    let url = format!("{PUBLISHED}&Signature=AAAA");

    let output = command().args(["explain", &url]).output().expect("it runs");

    assert!(stdout(&output).starts_with("invalid: GET with HMAC-SHA1 by access key testid\n"), "{output:?}");
    assert!(stdout(&output).contains("\nSignature as sent\n  AAAA\n"), "{output:?}");
    assert_eq!(output.status.code(), Some(1));
}

// What `aliyunddns` 1.0 sent for "a b" to a server of our own: it signs a space as +.
const SIGNED_WITH_PLUS: &str = "http://alidns.aliyuncs.com/?Format=JSON&Version=2015-01-09&AccessKeyId=testid\
    &Timestamp=2026-11-24T04%3A00%3A38Z&SignatureMethod=HMAC-SHA1&SignatureNonce=f5404b461949402397607a54ac703f11\
    &SignatureVersion=1.0&Action=DescribeDomainRecords&DomainName=example.com&RRKeyWord=a+b&Type=A\
    &Signature=6eUdaYCiu6oVkQD0mPousNITdkk%3D";

#[test]
fn a_known_mistake_is_named_with_its_fix_behind_the_answer_of_the_service() {
    let output = command().args(["explain", SIGNED_WITH_PLUS]).output().expect("it runs");

    let text = stdout(&output);
    let answer = text.find("\nThe service answers\n  400 SignatureDoesNotMatch\n  Specified signature is not matched");
    let fix = text.find("\n  space-as-plus: sign a space as %20 (it spoils the canonical)\n");
    let stages = text.find("\nCanonical\n");
    let finding = text.find("\n  error SIG-01: ");
    assert!(answer.is_some() && answer < fix && fix < finding && finding < stages, "{text}");
    assert_eq!(output.status.code(), Some(1));
}

#[test]
fn a_diagnosis_is_data_too() {
    let output = command().args(["explain", "--format=json", SIGNED_WITH_PLUS]).output().expect("it runs");

    let diagnosis = lines(&stdout(&output))[0]["diagnosis"].clone();
    assert_eq!(diagnosis["kind"], "recipes");
    assert_eq!(
        diagnosis["causes"][0],
        json!({"name": "space-as-plus", "check": "SIG-07", "stage": "canonical", "fix": "sign a space as %20"})
    );
    assert_eq!(
        lines(&stdout(&output))[0]["findings"][1],
        json!({
            "check": "SIG-36",
            "severity": "warning",
            "message": "a space in the query is sent as %20: expected %20, got RRKeyWord=a+b in the query"
        })
    );
}

#[test]
fn a_quoted_string_to_sign_is_compared_byte_by_byte() {
    let folder = tempfile::tempdir().expect("a folder of our own");
    let quoted = "GET&%2F&AccessKeyId%3Dtestid%26Action%3DDescribeDomainRecords%26DomainName%3Dexample.org";
    std::fs::write(folder.path().join("log.txt"), quoted).expect("the folder is ours");
    let url = format!("{PUBLISHED}&Signature=AAAA");

    let output = command()
        .args(["explain", "--format=json", "--quoted", "log.txt", &url])
        .current_dir(&folder)
        .output()
        .expect("it runs");

    let diagnosis = lines(&stdout(&output))[0]["diagnosis"].clone();
    assert_eq!((&diagnosis["kind"], &diagnosis["at"]), (&json!("quoted_differs"), &json!(85)), "{diagnosis}");
    assert_eq!(diagnosis["theirs"], "org");
}

#[test]
fn a_quotation_that_is_not_there_is_unreadable() {
    let output = command().args(["explain", "--quoted", "/nowhere", PUBLISHED]).output().expect("it runs");

    assert!(stderr(&output).starts_with("error: /nowhere cannot be read\n"), "{output:?}");
    assert_eq!((stdout(&output).as_str(), output.status.code()), ("", Some(4)));
}

#[test]
fn the_time_is_held_against_a_clock_only_where_one_is_given() {
    let url = format!("{PUBLISHED}{PUBLISHED_SIGNATURE}");
    let answer = |now: &str| {
        let output = command().args(["explain", "--now", now, &url]).output().expect("it runs");
        (stdout(&output).contains("400 InvalidTimeStamp.Expired"), output.status.code())
    };

    assert_eq!(answer("2016-03-24T16:56:54Z"), (false, Some(0)));
    assert_eq!(answer("1458839215"), (true, Some(1)));
}

#[test]
fn a_time_that_is_none_is_wrong_use() {
    let output = command().args(["explain", "--now", "noon", PUBLISHED]).output().expect("it runs");

    assert!(stderr(&output).contains("\"noon\" is neither Unix seconds nor a time stamp of the form"), "{output:?}");
    assert_eq!((stdout(&output).as_str(), output.status.code()), ("", Some(2)));
}

#[test]
fn a_key_that_is_not_known_is_unverifiable_until_its_secret_is_there() {
    let url = format!("{PUBLISHED}{PUBLISHED_SIGNATURE}").replace("testid", "mine");

    let without = command().args(["explain", "--format=json", &url]).output().expect("it runs");
    let with = command()
        .args(["explain", "--format=json", &url])
        .env("ALIBABA_CLOUD_ACCESS_KEY_SECRET", "mysecret")
        .output()
        .expect("it runs");

    let line = lines(&stdout(&without)).remove(0);
    assert_eq!(line["verdict"], "unverifiable");
    assert_eq!(line["why"], "no secret is known for access key id \"mine\"");
    assert_eq!(line["stages"]["signature"], Value::Null);
    assert!(line["stages"]["canonical"].as_str().is_some_and(|text| text.starts_with("AccessKeyId=mine&")), "{line}");
    assert_eq!(verdicts(&stdout(&with)), ["invalid"]);
}

#[test]
fn people_are_told_where_the_secret_of_another_key_goes() {
    let url = format!("{PUBLISHED}{PUBLISHED_SIGNATURE}").replace("testid", "mine");

    let output = command().args(["explain", &url]).output().expect("it runs");

    assert_eq!(stderr(&output), "help: put the secret of that key into ALIBABA_CLOUD_ACCESS_KEY_SECRET\n");
    assert_eq!(output.status.code(), Some(1));
}

#[test]
fn a_quotation_that_holds_no_string_to_sign_is_not_passed_over() {
    let folder = tempfile::tempdir().expect("a folder of our own");
    let quoted = folder.path().join("log");
    std::fs::write(&quoted, "Error: SignatureDoesNotMatch").expect("the folder is ours");

    let output = command().args(["explain", PUBLISHED, "--quoted"]).arg(&quoted).output().expect("it runs");

    assert!(stderr(&output).contains("log quotes no string to sign\nhelp: give the service's Message"), "{output:?}");
    assert_eq!((stdout(&output).as_str(), output.status.code()), ("", Some(4)));
}

#[test]
fn json_lines_are_explained_one_by_one_and_a_bad_one_exits_with_4() {
    let target = format!("{PUBLISHED}{PUBLISHED_SIGNATURE}").replace("http://alidns.aliyuncs.com", "");
    let good = json!({"method": "GET", "target": target, "headers": []});
    let unsigned = json!({"method": "GET", "target": "/", "headers": [["Host", "h"]]});
    let input = format!("{good}\n{{\"request\":{good}}}\n{unsigned}\n");

    let output = command().args(["explain", "--format=json"]).write_stdin(input).output().expect("it runs");

    assert_eq!(verdicts(&stdout(&output)), ["valid", "none", "unsigned"]);
    assert_eq!(
        lines(&stdout(&output))[1]["error"].as_str().map(|error| &error[..45]),
        Some("line 2 is no request: unknown field `request`")
    );
    assert!(
        stderr(&output).starts_with("error: line 2 is no request\n  because: unknown field `request`"),
        "{output:?}"
    );
    assert_eq!(output.status.code(), Some(4));
}

#[test]
fn a_parameter_that_cannot_be_decoded_is_malformed() {
    let output = command().args(["explain", "--format=json", "http://h/?a=%N1"]).output().expect("it runs");

    let line = lines(&stdout(&output)).remove(0);
    assert_eq!(line["verdict"], "malformed");
    assert_eq!(line["why"], "the query has a malformed parameter \"a=%N1\"");
    assert_eq!(output.status.code(), Some(1));
}

#[test]
fn any_bytes_are_answered_without_a_bug() {
    for input in [&b""[..], b"\xff\xfe\x00\x01", b"{\"method\":1}", b"GET /\xff?\xc3=\x00 HTTP/1.1\n\n\xff", b"http://"]
    {
        let output = command().arg("explain").write_stdin(input).output().expect("it runs");

        assert!(matches!(output.status.code(), Some(1 | 4)), "{input:?}: {output:?}");
        assert!(!(output.stdout.is_empty() && output.stderr.is_empty()), "{input:?}");
    }
}

#[test]
fn control_characters_of_a_request_do_not_reach_the_terminal() {
    let output = command().args(["explain", "http://h/?a=%1b[31m"]).output().expect("it runs");

    assert!(stdout(&output).contains("\\u{1b}[31m"), "{output:?}");
    assert!(!output.stdout.contains(&0x1b), "{output:?}");
}

// What `@alicloud/pop-core` 1.8.0 sent to a server of our own for options that are undefined, null and empty.
const UNDEFINED: &str = "http://alidns.aliyuncs.com/?AccessKeyId=testid&Action=DescribeBatchResultCount&BatchType=&Format=JSON\
    &Lang=null&SignatureMethod=HMAC-SHA1&SignatureNonce=1c363cdcdd90dec973d9af13a124a751&SignatureVersion=1.0\
    &TaskId=undefined&Timestamp=2026-11-24T03%3A26%3A26Z&Version=2015-01-09&Signature=4iqjf%2FHIYo5VDLtul6ToWmYLcSs%3D";

#[test]
fn a_rule_that_is_broken_under_a_right_signature_is_a_finding_and_exits_with_1() {
    let output = command().args(["explain", "--format=json", UNDEFINED]).output().expect("it runs");

    let line = lines(&stdout(&output)).remove(0);
    let message = "an option that is not set is left out, not sent as a word for nothing: expected nothing, got undefined in TaskId";
    assert_eq!(line["verdict"], "valid");
    assert_eq!(line["findings"], json!([{"check": "SCH-04", "severity": "error", "message": message}]));
    assert_eq!(output.status.code(), Some(1));
}

#[test]
fn findings_are_told_to_people_worst_first() {
    let published = format!("{PUBLISHED}{PUBLISHED_SIGNATURE}");
    let fraction = published
        .replace("41%3A54Z", "41%3A54.5Z")
        .replace("example.com", "a'b")
        .replace("f59ed6a9-83fc-473b-9cc6-99c95df3856e", "123456");

    let good = command().args(["explain", &published]).output().expect("it runs");
    let bad = command().args(["explain", &fraction]).output().expect("it runs");

    assert!(!stdout(&good).contains("Rules that it breaks"), "{good:?}");
    let text = stdout(&bad);
    let places = [
        "\nRules that it breaks\n",
        "\n  error SIG-01: ",
        "\n  error SIG-31: ",
        "\n  warning SIG-29: ",
        "\n  warning SIG-37: ",
        "\nCanonical\n",
    ];
    let found: Vec<Option<usize>> = places.iter().map(|place| text.find(place)).collect();
    assert!(found.iter().all(Option::is_some) && found.is_sorted(), "{found:?}\n{text}");
}

#[test]
fn a_stray_percent_sign_is_a_finding_that_shows_the_parameter() {
    let url = "http://alidns.aliyuncs.com/?Action=DescribeDomainRecords&SignatureNonce=1527670146%N";

    let output = command().args(["explain", "--format=json", url]).output().expect("it runs");

    let finding = lines(&stdout(&output))[0]["findings"][0].clone();
    assert_eq!((&finding["check"], &finding["severity"]), (&json!("WIR-02"), &json!("error")));
    assert!(finding["message"].as_str().is_some_and(|text| text.contains("SignatureNonce=1527670146%N")), "{finding}");
}
