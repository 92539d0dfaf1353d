//! Provides what HTTP.sys itself answers to a request that no worker sees.

use crate::head::Wrong;

/// What HTTP.sys calls itself in its own answers; a host without it answers under its own name.
pub fn server_name(software: &str, server_header: &'static str) -> &'static str {
    match software {
        "Microsoft HTTP API 1.0" => "Microsoft-HTTPAPI/1.0",
        "Microsoft HTTP API 2.0" => "Microsoft-HTTPAPI/2.0",
        _ => server_header,
    }
}

/// The whole answer; `date` as HTTP writes it. The page has the form that 2008 and later give (as
/// published for Invalid Hostname, 334 bytes); the sentence of the rarer ones is assumed.
pub fn answer(wrong: &Wrong, server: &str, date: &str) -> String {
    let (title, what, sentence) = match (wrong.status, wrong.reason) {
        (505, _) => ("HTTP Version Not Supported", "", "The HTTP version is not supported."),
        (501, _) => ("Not Implemented", "", "The request transfer encoding is not implemented."),
        (_, "Verb") => ("Bad Request", " - Invalid Verb", "The request verb is invalid."),
        (_, "URL") => ("Bad Request", " - Invalid URL", "The request URL is invalid."),
        (_, "Hostname") => {
            ("Bad Request", " - Invalid Hostname", "The request hostname is invalid.")
        }
        (_, "Header") => {
            ("Bad Request", " - Invalid Header", "The request has an invalid header name.")
        }
        (_, "RequestLength") => {
            ("Bad Request", " - Request Too Long", "The size of the request headers is too long.")
        }
        _ => ("Bad Request", "", "The request is badly formed."),
    };
    let status = wrong.status;
    let body = html(status, title, what, sentence);
    format!(
        "HTTP/1.1 {status} {title}\r\nContent-Type: text/html; charset=us-ascii\r\n\
         Server: {server}\r\nDate: {date}\r\nConnection: close\r\nContent-Length: {}\r\n\r\n{body}",
        body.len()
    )
}

/// What HTTP.sys answers where no worker is to be had: the whole body.
pub fn unavailable() -> String {
    html(503, "Service Unavailable", "", "The service is unavailable.")
}

fn html(status: u16, title: &str, what: &str, sentence: &str) -> String {
    format!(
        "<!DOCTYPE HTML PUBLIC \"-//W3C//DTD HTML 4.01//EN\"\"http://www.w3.org/TR/html4/strict.dtd\">\r\n\
         <HTML><HEAD><TITLE>{title}</TITLE>\r\n\
         <META HTTP-EQUIV=\"Content-Type\" Content=\"text/html; charset=us-ascii\"></HEAD>\r\n\
         <BODY><h2>{title}{what}</h2>\r\n\
         <hr><p>HTTP Error {status}. {sentence}</p>\r\n\
         </BODY></HTML>\r\n"
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_page_has_the_published_length_and_says_so() {
        let text = answer(&Wrong::bad("Hostname"), "Microsoft-HTTPAPI/2.0", "then");
        let (head, body) = text.split_once("\r\n\r\n").unwrap();
        assert_eq!(body.len(), 334, "as published");
        assert!(head.starts_with("HTTP/1.1 400 Bad Request\r\n"), "{head}");
        assert!(head.ends_with("Connection: close\r\nContent-Length: 334"), "{head}");
        assert!(body.contains("HTTP Error 400. The request hostname is invalid."), "{body}");
    }

    #[test]
    fn each_generation_has_its_name() {
        for (software, expected) in [
            ("Microsoft HTTP API 1.0", "Microsoft-HTTPAPI/1.0"),
            ("Microsoft HTTP API 2.0", "Microsoft-HTTPAPI/2.0"),
            ("", "Microsoft-IIS/5.0"),
        ] {
            assert_eq!(server_name(software, "Microsoft-IIS/5.0"), expected);
        }
    }
}
