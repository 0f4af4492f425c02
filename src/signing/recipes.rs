//! The mistakes that signers make, each as the style that makes it.

use super::encoders::*;
use super::mistakes::*;
use super::style::{Encode, Style};

/// A named mistake of a signer.
///
/// The stage that it spoils is not stated: it is the first of ours that the style changes.
#[derive(Clone, Copy, Debug)]
pub struct Recipe {
    /// In kebab-case, unique.
    pub name: &'static str,
    /// What the signer is to do instead.
    pub fix: &'static str,
    /// The service's style but for the mistake.
    pub style: Style,
}

/// The service's style but for the decisions given.
macro_rules! but {
    ($($decision:ident: $choice:expr),+) => { Style { $($decision: $choice,)+ ..Style::SERVICE } };
}

/// Every known mistake.
///
/// Most signers have one encoder and use it for both passes of HMAC-SHA1, its mistakes in both; some encode names and
/// values with a library's function and the whole rightly. Unicode normalisation is left out: to know it takes tables
/// larger than all the rest.
#[rustfmt::skip]
pub const RECIPES: &[Recipe] = &[
    // The encoding of names and values, in both passes where the signer has but one encoder.
    Recipe { name: "space-as-plus", fix: "sign a space as %20", style: first_pass(form_encode) },
    Recipe { name: "java-url-encoder", fix: "after URLEncoder, turn + into %20, * into %2A and %7E into ~", style: both_passes(java_url_encode) },
    Recipe { name: "java-url-encoder-plus-repaired", fix: "after URLEncoder, turn * into %2A and %7E into ~ as well", style: both_passes(java_url_encode_but_spaces) },
    Recipe { name: "php-urlencode", fix: "use rawurlencode", style: both_passes(php_url_encode) },
    Recipe { name: "encode-uri-component", fix: "after encodeURIComponent, encode !'()* too", style: both_passes(encode_uri_component) },
    Recipe { name: "encode-uri", fix: "use encodeURIComponent and encode !'()* too", style: first_pass(encode_uri) },
    Recipe { name: "escape", fix: "encode the UTF-8 bytes of a value, not its UTF-16 units", style: first_pass(escape) },
    Recipe { name: "exclamation-unencoded", fix: "encode ! as %21", style: both_passes(leave::<b'!'>) },
    Recipe { name: "asterisk-unencoded", fix: "encode * as %2A", style: both_passes(leave::<b'*'>) },
    Recipe { name: "asterisk-unencoded-in-first-pass", fix: "encode * as %2A in names and values too", style: first_pass(leave::<b'*'>) },
    Recipe { name: "slash-unencoded", fix: "encode / as %2F", style: both_passes(leave::<b'/'>) },
    Recipe { name: "slash-unencoded-in-first-pass", fix: "encode / as %2F in names and values too", style: first_pass(leave::<b'/'>) },
    Recipe { name: "colon-unencoded", fix: "encode : as %3A, in times and IPv6 addresses too", style: both_passes(leave::<b':'>) },
    Recipe { name: "colon-unencoded-in-first-pass", fix: "encode : as %3A before the pairs are joined", style: first_pass(leave::<b':'>) },
    Recipe { name: "at-sign-unencoded", fix: "encode @ as %40", style: first_pass(leave::<b'@'>) },
    Recipe { name: "comma-unencoded", fix: "encode , as %2C", style: first_pass(leave::<b','>) },
    Recipe { name: "plus-unencoded", fix: "encode + as %2B", style: first_pass(leave::<b'+'>) },
    Recipe { name: "percent-unencoded", fix: "encode % as %25", style: first_pass(leave::<b'%'>) },
    Recipe { name: "ampersand-unencoded", fix: "encode & as %26 in names and values", style: first_pass(leave::<b'&'>) },
    Recipe { name: "equals-unencoded", fix: "encode = as %3D in names and values", style: first_pass(leave::<b'='>) },
    Recipe { name: "tilde-encoded", fix: "leave ~ as it is", style: both_passes(encode_tilde) },
    Recipe { name: "lower-case-hex", fix: "write percent-encoding with A-F, not a-f", style: both_passes(encode_in_lower_case) },
    Recipe { name: "non-ascii-unencoded", fix: "encode what is not ASCII as its UTF-8 bytes", style: first_pass(leave_non_ascii) },
    Recipe { name: "latin-1", fix: "encode the UTF-8 bytes of a value, not those of Latin-1", style: first_pass(encode_as_latin_1) },
    Recipe { name: "utf-8-read-as-latin-1", fix: "do not take UTF-8 bytes for Latin-1 before encoding", style: first_pass(encode_from_latin_1) },
    Recipe { name: "surrogates-encoded", fix: "encode a character outside the BMP as one UTF-8 sequence of four bytes", style: first_pass(encode_surrogates) },
    Recipe { name: "names-unencoded", fix: "encode names like values", style: but!(name: verbatim) },
    Recipe { name: "unencoded-before-joining", fix: "encode names and values before they are joined", style: first_pass(verbatim) },
    Recipe { name: "values-encoded-twice", fix: "encode a value once before it is joined; it was encoded already", style: but!(value: encode_twice) },

    // The value that is signed.
    Recipe { name: "values-trimmed", fix: "sign outer blanks and line breaks as they are sent", style: but!(content: trimmed) },
    Recipe { name: "line-breaks-dropped", fix: "sign CR and LF as they are sent", style: but!(content: without_line_breaks) },
    Recipe { name: "cut-at-nul", fix: "sign a value beyond its NUL byte", style: but!(content: cut_at_nul) },
    Recipe { name: "values-in-lower-case", fix: "sign letters in the case in which they are sent", style: but!(content: in_lower_case) },
    Recipe { name: "format-in-upper-case", fix: "sign Format in the case in which it is sent", style: but!(content: format_in_upper_case) },
    Recipe { name: "number-as-float", fix: "sign whole numbers digit by digit, not through a floating-point number", style: but!(content: number_as_float) },
    Recipe { name: "number-as-32-bits", fix: "sign whole numbers digit by digit, not through 32 bits", style: but!(content: number_as_32_bits) },
    Recipe { name: "token-encoded-twice", fix: "sign the security token as it was issued", style: but!(content: token_encoded, header_value: token_header_encoded) },

    // Which parameters are signed.
    Recipe { name: "empty-values-dropped", fix: "sign an empty value that is sent as Name=", style: but!(keep: not_empty) },
    Recipe { name: "zero-dropped", fix: "sign a value of 0 like any other", style: but!(keep: not_zero) },
    Recipe { name: "negative-dropped", fix: "sign a negative number like any other value", style: but!(keep: not_negative) },
    Recipe { name: "empty-signature-signed", fix: "leave Signature out of what is signed", style: but!(keep: any, content: signature_emptied) },
    Recipe { name: "token-unsigned", fix: "sign SecurityToken like any other parameter", style: but!(keep: not_token) },
    Recipe { name: "extra-parameters-unsigned", fix: "sign every parameter that is sent, those of no meaning to the action too", style: but!(keep: not_extra) },
    Recipe { name: "common-parameters-alone-signed", fix: "sign the parameters of the action too", style: but!(keep: common) },
    Recipe { name: "form-unsigned", fix: "sign the parameters of the form body too", style: but!(keep: of_query) },
    Recipe { name: "query-unsigned", fix: "sign the parameters of the query too", style: but!(keep: of_form) },
    Recipe { name: "form-signed-as-query", fix: "sign a form body by its hash alone, and the query by itself", style: but!(keep: of_query_and_form) },
    Recipe { name: "time-stamp-spelling", fix: "sign Timestamp under the name that is sent, not as TimeStamp", style: but!(name: encode_as_time_stamp) },

    // Their order.
    Recipe { name: "unsorted", fix: "sort the parameters by name", style: but!(order: as_sent) },
    Recipe { name: "sort-ignores-case", fix: "sort names by their bytes: upper case before lower case", style: but!(order: in_any_case) },
    Recipe { name: "sort-by-pair", fix: "sort by name, not by the text name=value", style: but!(order: by_pair) },
    Recipe { name: "sort-by-encoded-name", fix: "sort names before they are encoded", style: but!(order: by_encoded_name) },
    Recipe { name: "sort-by-utf-16", fix: "sort names by their UTF-8 bytes, not their UTF-16 units", style: but!(order: by_utf_16) },
    Recipe { name: "sort-by-number", fix: "sort Key.10 before Key.2: names compare byte by byte", style: but!(order: by_number) },

    // The string to sign of HMAC-SHA1.
    Recipe { name: "second-pass-missing", fix: "encode the joined pairs as a whole a second time", style: but!(whole: verbatim) },
    Recipe { name: "second-pass-misses-ampersand", fix: "encode the & between pairs as %26 in the second pass", style: but!(whole: leave::<b'&'>) },
    Recipe { name: "second-pass-misses-percent", fix: "encode % as %25 in the second pass", style: but!(whole: leave::<b'%'>) },
    Recipe { name: "second-pass-of-colons-alone", fix: "encode every % as %25 in the second pass, not that of %3A alone", style: but!(whole: encode_colons_again) },
    Recipe { name: "second-pass-encodes-tilde", fix: "leave ~ as it is in the second pass", style: but!(whole: encode_tilde) },
    Recipe { name: "second-pass-turns-plus-to-space", fix: "turn + into %20 before the second pass, which makes it %2520", style: but!(name: form_encode, value: form_encode, whole: encode_then_plus_to_space) },
    Recipe { name: "path-of-the-other-scheme", fix: "HMAC-SHA1 signs the path as %2F, ACS3 as /", style: but!(root: root_of_the_other_scheme) },
    Recipe { name: "path-missing", fix: "sign the path: %2F with HMAC-SHA1, / with ACS3", style: but!(root: |_, _| Vec::new()) },
    Recipe { name: "method-get", fix: "sign the method that is sent, not always GET", style: but!(method: always_get) },
    Recipe { name: "method-post", fix: "sign the method that is sent, not always POST", style: but!(method: always_post) },
    Recipe { name: "method-in-lower-case", fix: "sign the method in upper case, as it is sent", style: but!(method: str::to_ascii_lowercase) },
    Recipe { name: "method-missing", fix: "sign the method", style: but!(method: |_| String::new()) },
    Recipe { name: "method-undefined", fix: "give the signer the method; it signed the word undefined", style: but!(method: undefined) },

    // The canonical request of ACS3.
    Recipe { name: "blank-line-left-out", fix: "end the last header line with a line feed before the one that joins the parts", style: but!(assemble: without_blank_line) },
    Recipe { name: "empty-query-left-out", fix: "give an empty query its empty line", style: but!(assemble: without_empty_query) },
    Recipe { name: "list-left-out", fix: "sign the list of signed headers, between header lines and payload hash", style: but!(assemble: without_list) },
    Recipe { name: "payload-left-out", fix: "end the canonical request with the hash of the body", style: but!(assemble: without_payload) },
    Recipe { name: "header-names-as-sent", fix: "write header names in lower case in the canonical request", style: but!(header_name: name_as_sent) },
    Recipe { name: "header-values-untrimmed", fix: "trim header values before they are signed", style: but!(header_value: untrimmed) },
    Recipe { name: "host-without-port", fix: "sign Host as it is sent, with its port", style: but!(header_value: host_without_port) },
    Recipe { name: "payload-of-nothing", fix: "hash the body that is sent, not an empty one", style: but!(payload: hash_of_nothing) },
    Recipe { name: "canonical-request-unhashed", fix: "sign the hash of the canonical request, not its text", style: but!(hash: unhashed) },
    Recipe { name: "hash-in-upper-case", fix: "write the hash of the canonical request in lower-case hexadecimal", style: but!(hash: hash_in_upper_case) },

    // The key.
    Recipe { name: "key-of-the-other-scheme", fix: "HMAC-SHA1 takes secret + \"&\" for its key, ACS3 the secret alone", style: but!(key: key_of_the_other_scheme) },
    Recipe { name: "secret-trimmed", fix: "use the secret as it is: nothing trimmed", style: but!(key: of_trimmed_secret) },
    Recipe { name: "secret-encoded", fix: "use the secret as it is: nothing encoded", style: but!(key: of_encoded_secret) },
    Recipe { name: "secret-in-lower-case", fix: "use the secret in its own case", style: but!(key: of_lower_case_secret) },
    Recipe { name: "secret-with-newline", fix: "cut the line break from the end of the secret, as read from a file", style: but!(key: of_secret_with_newline) },
    Recipe { name: "secret-with-space", fix: "cut the blank from the end of the secret", style: but!(key: of_secret_with_space) },
    Recipe { name: "secret-in-quotes", fix: "take the quotation marks off the secret", style: but!(key: of_secret_in_quotes) },
    Recipe { name: "secret-missing", fix: "give the signer its secret; it signed with an empty one", style: but!(key: of_no_secret) },
    Recipe { name: "key-id-as-secret", fix: "sign with the access key secret, not the access key id", style: but!(key: of_key_id) },

    // The MAC and how it is written.
    Recipe { name: "key-and-text-swapped", fix: "give the HMAC its key and its text in the right order", style: but!(mac: mac_swapped) },
    Recipe { name: "line-feed-signed", fix: "sign the text without a line feed at its end (printf, not echo)", style: but!(mac: mac_of_line) },
    Recipe { name: "hash-of-the-other-scheme", fix: "take the HMAC with SHA-1 for HMAC-SHA1, with the digest that it names for ACS3", style: but!(mac: mac_of_the_other_scheme) },
    Recipe { name: "printed-as-the-other-scheme", fix: "write the signature of HMAC-SHA1 in base64, that of ACS3 in hexadecimal", style: but!(print: print_of_the_other_scheme) },
    Recipe { name: "base64-of-hex", fix: "write the bytes of the HMAC in base64, not their hexadecimal text", style: but!(print: base64_of_hex) },
    Recipe { name: "base64-url-safe", fix: "use the standard base64 alphabet: + and /, not - and _", style: but!(print: base64_url_safe) },
    Recipe { name: "base64-unpadded", fix: "pad base64 with =", style: but!(print: base64_unpadded) },
    Recipe { name: "signature-in-upper-case", fix: "write the signature in lower-case hexadecimal", style: but!(print: hex_in_upper_case) },
    Recipe { name: "signature-unencoded", fix: "percent-encode Signature in the request: a raw + arrives as a space", style: but!(print: plus_as_space) },
    Recipe { name: "signature-encoded-twice", fix: "percent-encode Signature in the request once", style: but!(print: encoded) },
    Recipe { name: "signature-with-newline", fix: "cut the line break from the end of the signature", style: but!(print: with_newline) },
];

const fn first_pass(encode: Encode) -> Style {
    Style { name: encode, value: encode, ..Style::SERVICE }
}

const fn both_passes(encode: Encode) -> Style {
    Style { name: encode, value: encode, whole: encode, ..Style::SERVICE }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::signing::{Claim, Scheme, Stages};
    use crate::wire::{Headers, Parameter, Request};

    fn string_to_sign(style: &Style) -> String {
        let request = Request::compose("GET", vec![Parameter::query("a*b", "c*d")], Headers::new());
        let (key_id, signature) = (String::new(), String::new());
        let claim = Claim { scheme: Scheme::HmacSha1, key_id, signature, signed_headers: Vec::new() };
        Stages::claimed(&request, &claim, b"", style).string_to_sign.to_string()
    }

    #[test]
    fn an_encoder_of_the_first_pass_writes_names_and_values() {
        assert_eq!(string_to_sign(&first_pass(leave::<b'*'>)), "GET&%2F&a%2Ab%3Dc%2Ad");
    }

    #[test]
    fn an_encoder_of_both_passes_writes_the_whole_too() {
        assert_eq!(string_to_sign(&both_passes(leave::<b'*'>)), "GET&%2F&a*b%3Dc*d");
    }
}
