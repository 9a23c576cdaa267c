//! What the log and the disk hold of those who come by: nothing that says where they are.
