//! Records as JSON: the protobuf JSON format, with the field names of the proto files.

use std::io;

use prost_reflect::{DynamicMessage, SerializeOptions};
use serde::Serialize;
use serde_json::Serializer;
use serde_json::ser::{CompactFormatter, Formatter};

/// Renders a record as one line of JSON; an error if JSON cannot express it, such as a time after the year 9999.
pub(crate) fn line(record: &DynamicMessage) -> serde_json::Result<String> {
    struct ProtoJson<'a>(&'a DynamicMessage);
    impl Serialize for ProtoJson<'_> {
        fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
            let options = SerializeOptions::new().use_proto_field_name(true);
            self.0.serialize_with_options(serializer, &options)
        }
    }
    let mut line = Vec::new();
    ProtoJson(record).serialize(&mut Serializer::with_formatter(&mut line, WholeNumbers))?;
    Ok(String::from_utf8_lossy(&line).into_owned())
}

/// Writes whole doubles without a decimal point: all numbers in free attributes are doubles.
struct WholeNumbers;

impl Formatter for WholeNumbers {
    fn write_f64<W: ?Sized + io::Write>(&mut self, writer: &mut W, value: f64) -> io::Result<()> {
        const LARGEST_EXACT: f64 = 9_007_199_254_740_992.0;
        let is_negative_zero = value == 0.0 && value.is_sign_negative();
        if value.fract() == 0.0 && value.abs() <= LARGEST_EXACT && !is_negative_zero {
            return write!(writer, "{value}");
        }
        CompactFormatter.write_f64(writer, value)
    }
}
