//! The pages of one column chunk, unpacked within bounds.
//!
//! The Parquet library's own reader makes room for whatever a page's header says, and unpacks gzip
//! to its end. Here every size is checked against what is there before room is made for it.

use std::io::Read;

use bytes::Bytes;
use parquet::basic::{Compression, Encoding, Type as Physical};
use parquet::column::page::{Page, PageMetadata, PageReader};
use parquet::errors::ParquetError;
use parquet::schema::types::ColumnDescriptor;

use super::thrift::{PageHead, page_head};
use super::{Fault, Result};

/// A page that is larger, unpacked, is refused. Writers aim at one MiB; some make one page of a column.
const LARGEST_PAGE: usize = 256 << 20;

const DATA: i64 = 0;
const DICTIONARY: i64 = 2;
const SECOND: i64 = 3;

/// The coding of levels: runs of one, and packed ones.
const RUNS: i64 = 3;

/// Reads pages one after the other.
pub(super) struct Pages {
    /// From the chunk's first page on.
    bytes: Bytes,
    at: usize,
    codec: Compression,
    physical: Physical,
    type_bytes: usize,
    levels: (i16, i16),
    /// How many values, or places of none, are still to come.
    left: usize,
    /// Whether the dictionary was there.
    named: bool,
}

impl Pages {
    /// Read the pages of a chunk that says to have some values.
    pub(super) fn new(bytes: Bytes, codec: Compression, column: &ColumnDescriptor, values: usize) -> Self {
        Self {
            bytes,
            at: 0,
            codec,
            physical: column.physical_type(),
            type_bytes: usize::try_from(column.type_length()).unwrap_or(0),
            levels: (column.max_def_level(), column.max_rep_level()),
            left: values,
            named: false,
        }
    }

    fn next_page(&mut self) -> Result<Option<Page>> {
        while self.left > 0 && self.at < self.bytes.len() {
            let (head, length) = page_head(self.bytes.get(self.at..).unwrap_or_default())?;
            let from = self.at + length;
            let to = sized(head.packed)?.checked_add(from).filter(|to| *to <= self.bytes.len());
            let body = self.bytes.slice(from..to.ok_or_else(|| Fault::damaged("a page is cut off"))?);
            self.at = from + body.len();
            if sized(head.size)? > LARGEST_PAGE {
                return Err(Fault::TooLarge(format!("has a page of more than {LARGEST_PAGE} bytes")));
            }
            match head.kind {
                DATA => return self.data(head, &body).map(Some),
                SECOND => return self.second(head, &body).map(Some),
                DICTIONARY => return self.dictionary(head, &body).map(Some),
                _ => {}
            }
        }
        Ok(None)
    }

    /// Count the values of a page, of which there may be no more than the chunk has.
    fn values(&mut self, head: PageHead) -> Result<u32> {
        let values = sized(head.values)?;
        self.left = self
            .left
            .checked_sub(values)
            .ok_or_else(|| Fault::damaged("its pages have more values than it"))?;
        u32::try_from(values).map_err(|_| Fault::damaged("a page has too many values"))
    }

    fn data(&mut self, head: PageHead, body: &[u8]) -> Result<Page> {
        let num_values = self.values(head)?;
        let buf = unpacked(self.codec, body, sized(head.size)?)?;
        let (definition, repetition) = self.levels;
        let mut from = 0;
        for (most, coding) in [(repetition, head.repetition), (definition, head.definition)] {
            if most > 0 && coding != RUNS {
                return Err(Fault::damaged("its levels are coded in a way that was given up long ago"));
            }
            from += if most > 0 { 4 + prefix(&buf, from) } else { 0 };
        }
        let encoding = encoding_of(head.encoding)?;
        self.check(encoding, buf.get(from..).unwrap_or_default(), num_values)?;
        Ok(Page::DataPage {
            buf,
            num_values,
            encoding,
            def_level_encoding: Encoding::RLE,
            rep_level_encoding: Encoding::RLE,
            statistics: None,
        })
    }

    fn second(&mut self, head: PageHead, body: &[u8]) -> Result<Page> {
        let num_values = self.values(head)?;
        let (definition, repetition) = (sized(head.definition_bytes)?, sized(head.repetition_bytes)?);
        let split = definition + repetition;
        let (levels, values) =
            body.split_at_checked(split).ok_or_else(|| Fault::damaged("the levels of a page are cut off"))?;
        let size = sized(head.size)?.checked_sub(split);
        let size = size.ok_or_else(|| Fault::damaged("a page is smaller than its levels"))?;
        let codec = if head.plain { Compression::UNCOMPRESSED } else { self.codec };
        let values = unpacked(codec, values, size)?;
        let encoding = encoding_of(head.encoding)?;
        self.check(encoding, &values, num_values)?;
        let number = |value| u32::try_from(value).map_err(|_| Fault::damaged("a page's header is wrong"));
        Ok(Page::DataPageV2 {
            buf: [levels, &values].concat().into(),
            num_values,
            encoding,
            num_nulls: number(head.nulls)?,
            num_rows: number(head.rows)?,
            def_levels_byte_len: number(head.definition_bytes)?,
            rep_levels_byte_len: number(head.repetition_bytes)?,
            is_compressed: false,
            statistics: None,
        })
    }

    fn dictionary(&mut self, head: PageHead, body: &[u8]) -> Result<Page> {
        let buf = unpacked(self.codec, body, sized(head.size)?)?;
        let least = match self.physical {
            Physical::INT32 | Physical::FLOAT | Physical::BYTE_ARRAY => 4,
            Physical::INT64 | Physical::DOUBLE => 8,
            Physical::INT96 => 12,
            Physical::FIXED_LEN_BYTE_ARRAY => self.type_bytes.max(1),
            Physical::BOOLEAN => return Err(Fault::damaged("booleans have a dictionary")),
        };
        if sized(head.values)?.checked_mul(least).is_none_or(|bytes| bytes > buf.len()) {
            return Err(Fault::damaged("its dictionary has fewer values than it says"));
        }
        self.named = true;
        Ok(Page::DictionaryPage {
            buf,
            num_values: u32::try_from(head.values)
                .map_err(|_| Fault::damaged("its dictionary is too long"))?,
            encoding: Encoding::PLAIN,
            is_sorted: false,
        })
    }

    /// Refuse codings that make room for as many values as they say, or that lack what they need.
    fn check(&self, encoding: Encoding, values: &[u8], most: u32) -> Result<()> {
        match encoding {
            Encoding::DELTA_BYTE_ARRAY => {
                Err(Fault::damaged("texts that share beginnings (DELTA_BYTE_ARRAY) are not read"))
            }
            Encoding::DELTA_LENGTH_BYTE_ARRAY if third_varint(values).is_none_or(|n| n > u64::from(most)) => {
                Err(Fault::damaged("a page has more texts than values"))
            }
            Encoding::RLE_DICTIONARY if !self.named => Err(Fault::damaged("its dictionary is missing")),
            _ => Ok(()),
        }
    }
}

/// Four bytes that tell how many follow.
fn prefix(bytes: &[u8], at: usize) -> usize {
    let found = bytes.get(at..).and_then(|rest| rest.first_chunk::<4>());
    found.map_or(0, |length| u32::from_le_bytes(*length) as usize)
}

/// What a coding by differences begins with: sizes of blocks, and then the number of values.
fn third_varint(bytes: &[u8]) -> Option<u64> {
    let mut rest = bytes.iter();
    let mut next = || {
        let mut value = 0;
        for shift in (0..63).step_by(7) {
            let byte = rest.next()?;
            value |= u64::from(byte & 0x7f) << shift;
            if byte & 0x80 == 0 {
                return Some(value);
            }
        }
        None
    };
    next()?;
    next()?;
    next()
}

fn sized(value: i64) -> Result<usize> {
    usize::try_from(value).map_err(|_| Fault::damaged("a page's header has a size below zero"))
}

fn encoding_of(number: i64) -> Result<Encoding> {
    Ok(match number {
        0 => Encoding::PLAIN,
        // The first layout calls it otherwise.
        2 | 8 => Encoding::RLE_DICTIONARY,
        3 => Encoding::RLE,
        5 => Encoding::DELTA_BINARY_PACKED,
        6 => Encoding::DELTA_LENGTH_BYTE_ARRAY,
        7 => Encoding::DELTA_BYTE_ARRAY,
        9 => Encoding::BYTE_STREAM_SPLIT,
        other => return Err(Fault::Damaged(format!("is coded in a way that is not read ({other})"))),
    })
}

/// Unpack bytes of a known size.
fn unpacked(codec: Compression, packed: &[u8], size: usize) -> Result<Bytes> {
    let unpacked = match codec {
        Compression::UNCOMPRESSED => Ok(packed.to_vec()),
        _ if size == 0 => Ok(Vec::new()),
        Compression::SNAPPY => snappy(packed, size),
        Compression::GZIP(_) => gzip(packed, size),
        Compression::ZSTD(_) => zstd::bulk::decompress(packed, size).map_err(|_| ()),
        Compression::LZ4_RAW => lz4_flex::block::decompress(packed, size).map_err(|_| ()),
        other => {
            let name = format!("{other:?}");
            let name = name.split('(').next().unwrap_or_default();
            return Err(Fault::Damaged(format!("is packed with {name}, which is not read")));
        }
    };
    match unpacked {
        Ok(bytes) if bytes.len() == size => Ok(bytes.into()),
        _ => Err(Fault::damaged("a page can't be unpacked")),
    }
}

fn snappy(packed: &[u8], size: usize) -> std::result::Result<Vec<u8>, ()> {
    match snap::raw::decompress_len(packed) {
        Ok(length) if length == size => snap::raw::Decoder::new().decompress_vec(packed).map_err(|_| ()),
        _ => Err(()),
    }
}

fn gzip(packed: &[u8], size: usize) -> std::result::Result<Vec<u8>, ()> {
    let mut bytes = Vec::new();
    let bounded = flate2::read::MultiGzDecoder::new(packed).take(size as u64 + 1);
    { bounded }.read_to_end(&mut bytes).map_err(|_| ())?;
    Ok(bytes)
}

impl PageReader for Pages {
    fn get_next_page(&mut self) -> parquet::errors::Result<Option<Page>> {
        self.next_page().map_err(|fault| ParquetError::External(Box::new(fault)))
    }

    fn at_record_boundary(&mut self) -> parquet::errors::Result<bool> {
        // A row may go on in the next page, so that only the last one ends its row for sure.
        Ok(self.left == 0)
    }

    fn peek_next_page(&mut self) -> parquet::errors::Result<Option<PageMetadata>> {
        Err(ParquetError::General("pages are read in their order".to_owned()))
    }

    fn skip_next_page(&mut self) -> parquet::errors::Result<()> {
        Err(ParquetError::General("pages are read in their order".to_owned()))
    }
}

impl Iterator for Pages {
    type Item = parquet::errors::Result<Page>;

    fn next(&mut self) -> Option<Self::Item> {
        self.get_next_page().transpose()
    }
}

#[cfg(test)]
mod tests {
    use std::io::Write;

    use parquet::basic::{GzipLevel, ZstdLevel};

    use super::*;

    const SIZE: usize = 1000;

    fn packed(codec: Compression, content: &[u8]) -> Vec<u8> {
        match codec {
            Compression::SNAPPY => snap::raw::Encoder::new().compress_vec(content).unwrap(),
            Compression::ZSTD(_) => zstd::bulk::compress(content, 1).unwrap(),
            Compression::LZ4_RAW => lz4_flex::block::compress(content),
            Compression::GZIP(_) => {
                let mut out = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
                out.write_all(content).unwrap();
                out.finish().unwrap()
            }
            _ => content.to_vec(),
        }
    }

    fn codecs() -> [Compression; 5] {
        let (gzip, zstd) = (Compression::GZIP(GzipLevel::default()), Compression::ZSTD(ZstdLevel::default()));
        [Compression::UNCOMPRESSED, Compression::SNAPPY, Compression::LZ4_RAW, gzip, zstd]
    }

    #[test]
    fn what_was_packed_is_unpacked_to_its_size_and_to_no_other() {
        for codec in codecs() {
            let file = packed(codec, &[7; SIZE]);

            assert_eq!(unpacked(codec, &file, SIZE).unwrap(), vec![7; SIZE], "{codec:?}");
            for size in [0, SIZE - 1, SIZE + 1] {
                assert!(size == 0 || unpacked(codec, &file, size).is_err(), "{codec:?} {size}");
            }
            assert!(unpacked(codec, file.get(..file.len() - 1).unwrap(), SIZE).is_err(), "{codec:?}");
        }
    }

    #[test]
    fn gzip_that_goes_on_for_ever_is_left_after_its_size() {
        let bomb = packed(Compression::GZIP(GzipLevel::default()), &vec![0; 64 << 20]);

        assert_eq!(gzip(&bomb, 10).unwrap().len(), 11);
        assert!(unpacked(Compression::GZIP(GzipLevel::default()), &bomb, 10).is_err());
    }

    fn int(number: i64) -> Vec<u8> {
        let mut value = (number << 1 ^ number >> 63).cast_unsigned();
        let mut out = Vec::new();
        while value >= 128 {
            out.push(value.to_le_bytes()[0] | 0x80);
            value >>= 7;
        }
        out.push(value.to_le_bytes()[0]);
        out
    }

    /// Fields of Thrift's, each an integer, in order of their numbers.
    fn fields(numbers: &[(u8, i64)]) -> Vec<u8> {
        let mut last = 0;
        let fields = numbers.iter().flat_map(|(id, number)| {
            let head = (id - std::mem::replace(&mut last, *id)) << 4 | 5;
            [vec![head], int(*number)].concat()
        });
        fields.collect()
    }

    fn pages(head: &[u8], body: &[u8], values: usize) -> Pages {
        let schema = "message table { required binary text (UTF8); }";
        let schema = parquet::schema::parser::parse_message_type(schema).unwrap();
        let schema = parquet::schema::types::SchemaDescriptor::new(std::sync::Arc::new(schema));
        let bytes = Bytes::from([head, body].concat());
        Pages::new(bytes, Compression::UNCOMPRESSED, &schema.column(0), values)
    }

    fn dictionary(values: i64, body: &[u8]) -> Result<Option<Page>> {
        let size = i64::try_from(body.len()).unwrap();
        let inner = fields(&[(1, values), (2, 0)]);
        let head = [fields(&[(1, DICTIONARY), (2, size), (3, size)]), vec![0x4c], inner, vec![0, 0]].concat();
        pages(&head, body, 10).next_page()
    }

    #[test]
    fn dictionary_has_no_room_for_more_than_its_bytes_hold() {
        let body = [3, 0, 0, 0, b'a', b'b', b'c'];

        assert_eq!(dictionary(1, &body).unwrap().unwrap().num_values(), 1);
        for values in [2, 1 << 31, i64::MAX, -1] {
            assert!(dictionary(values, &body).is_err(), "{values}");
        }
    }

    fn data(values: i64, encoding: i64, size: i64, body: &[u8]) -> Result<Option<Page>> {
        let inner = fields(&[(1, values), (2, encoding), (3, 3), (4, 3)]);
        let packed = i64::try_from(body.len()).unwrap();
        let head = [fields(&[(1, DATA), (2, size), (3, packed)]), vec![0x2c], inner, vec![0, 0]].concat();
        pages(&head, body, 10).next_page()
    }

    #[test]
    fn page_has_no_more_values_than_its_chunk_and_no_more_texts_than_values() {
        // Blocks of 128 in four parts, then the number of lengths.
        let (one, many) = ([128, 1, 4, 1, 0], [128, 1, 4, 0xff, 0xff, 0xff, 0xff, 7, 0]);

        assert!(data(10, 0, 5, &one).is_ok());
        assert!(data(11, 0, 5, &one).is_err());
        assert!(data(-1, 0, 5, &one).is_err());
        assert!(data(10, 6, 5, &one).is_ok());
        assert!(data(10, 6, 9, &many).is_err());
        assert!(data(10, 7, 5, &one).is_err());
        assert!(data(10, 2, 5, &one).is_err());
        assert!(data(10, 8, 5, &one).is_err());
        assert!(data(10, 0, 6, &one).is_err());
        assert!(matches!(data(10, 0, i64::from(i32::MAX), &one), Err(Fault::TooLarge(_))));
    }
}
