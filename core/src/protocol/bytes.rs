//! Kafka's non-flexible wire types: big-endian numbers, length-prefixed text (`ByteBufferAccessor`).

/// Writes fields one after the other.
#[derive(Default)]
pub struct Writer(Vec<u8>);

impl Writer {
    /// An 8-bit number.
    pub fn i8(mut self, value: i8) -> Self {
        self.0.extend(value.to_be_bytes());
        self
    }

    /// A 16-bit number.
    pub fn i16(mut self, value: i16) -> Self {
        self.0.extend(value.to_be_bytes());
        self
    }

    /// A 32-bit number.
    pub fn i32(mut self, value: i32) -> Self {
        self.0.extend(value.to_be_bytes());
        self
    }

    /// A 64-bit number.
    pub fn i64(mut self, value: i64) -> Self {
        self.0.extend(value.to_be_bytes());
        self
    }

    /// A string; longer ones than Kafka can write are cut.
    pub fn string(self, text: &str) -> Self {
        let length = text.len().min(i16::MAX as usize);
        let mut writer = self.i16(length as i16);
        writer.0.extend(text.bytes().take(length));
        writer
    }

    /// A string, or none.
    pub fn nullable(self, text: Option<&str>) -> Self {
        match text {
            Some(text) => self.string(text),
            None => self.i16(-1),
        }
    }

    /// Bytes with their length.
    pub fn bytes(self, bytes: &[u8]) -> Self {
        let mut writer = self.i32(i32::try_from(bytes.len()).unwrap_or(i32::MAX));
        writer.0.extend(bytes);
        writer
    }

    /// Bytes with their length, or none.
    pub fn nullable_bytes(self, bytes: Option<&[u8]>) -> Self {
        match bytes {
            Some(bytes) => self.bytes(bytes),
            None => self.i32(-1),
        }
    }

    /// An array: its length, then each item by `item`.
    pub fn array<T>(self, items: &[T], item: impl Fn(Self, &T) -> Self) -> Self {
        let writer = self.i32(i32::try_from(items.len()).unwrap_or(i32::MAX));
        items.iter().fold(writer, item)
    }

    /// As [`Self::array`], or none.
    pub fn nullable_array<T>(self, items: Option<&[T]>, item: impl Fn(Self, &T) -> Self) -> Self {
        match items {
            Some(items) => self.array(items, item),
            None => self.i32(-1),
        }
    }

    /// The bytes written.
    pub fn end(self) -> Vec<u8> {
        self.0
    }
}

/// Reads fields one after the other; `None` where the bytes end too early.
pub struct Reader<'a>(pub &'a [u8]);

impl<'a> Reader<'a> {
    fn take(&mut self, length: usize) -> Option<&'a [u8]> {
        let (head, tail) = self.0.split_at_checked(length)?;
        self.0 = tail;
        Some(head)
    }

    /// An 8-bit number.
    pub fn i8(&mut self) -> Option<i8> {
        Some(i8::from_be_bytes(self.take(1)?.try_into().ok()?))
    }

    /// A 16-bit number.
    pub fn i16(&mut self) -> Option<i16> {
        Some(i16::from_be_bytes(self.take(2)?.try_into().ok()?))
    }

    /// A 32-bit number.
    pub fn i32(&mut self) -> Option<i32> {
        Some(i32::from_be_bytes(self.take(4)?.try_into().ok()?))
    }

    /// A 64-bit number.
    pub fn i64(&mut self) -> Option<i64> {
        Some(i64::from_be_bytes(self.take(8)?.try_into().ok()?))
    }

    /// A string, or none.
    pub fn nullable(&mut self) -> Option<Option<String>> {
        let length = self.i16()?;
        if length < 0 {
            return Some(None);
        }
        let bytes = self.take(usize::try_from(length).ok()?)?;
        Some(Some(String::from_utf8_lossy(bytes).into_owned()))
    }

    /// A string.
    pub fn string(&mut self) -> Option<String> {
        self.nullable()?
    }

    /// Bytes with their length, or none.
    pub fn nullable_bytes(&mut self) -> Option<Option<&'a [u8]>> {
        let length = self.i32()?;
        if length < 0 {
            return Some(None);
        }
        Some(Some(self.take(usize::try_from(length).ok()?)?))
    }

    /// An array whose items `item` reads.
    pub fn array<T>(&mut self, mut item: impl FnMut(&mut Self) -> Option<T>) -> Option<Vec<T>> {
        let length = self.i32()?;
        let mut items = Vec::new();
        for _ in 0..length {
            items.push(item(self)?);
        }
        Some(items)
    }

    /// As [`Self::array`]; a negative length is no array at all.
    pub fn nullable_array<T>(&mut self, item: impl FnMut(&mut Self) -> Option<T>) -> Option<Option<Vec<T>>> {
        match Reader(self.0).i32()? {
            ..0 => {
                self.i32()?;
                Some(None)
            }
            _ => Some(Some(self.array(item)?)),
        }
    }
}
