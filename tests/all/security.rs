//! What strangers may try, and what they get; run against a release build too.
