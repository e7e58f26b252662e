//! What is taken, what is not, and what only pretends.

use super::*;

fn inspect_in(bytes: &[u8], piece: usize) -> Result<Inspected, ContentFault> {
    clean_in(bytes, piece).map(|(inspected, _)| inspected)
}

/// The verdict, and what is kept.
pub(super) fn clean_in(bytes: &[u8], piece: usize) -> Result<(Inspected, Vec<u8>), ContentFault> {
    let mut inspector = ContentInspectors.begin();
    let mut kept = Vec::new();
    for piece in bytes.chunks(piece) {
        kept.extend(inspector.read(Bytes::copy_from_slice(piece))?);
    }
    let (inspected, last) = inspector.finish()?;
    kept.extend(last);
    Ok((inspected, kept))
}

/// The verdict must not depend on how the bytes come.
fn inspect(bytes: &[u8]) -> Result<Inspected, ContentFault> {
    let whole = inspect_in(bytes, usize::MAX);
    for piece in [1, 7, 511, 512, 513] {
        assert_eq!(inspect_in(bytes, piece), whole, "in pieces of {piece}");
    }
    whole
}

fn kind(bytes: &[u8]) -> Result<MediaType, ContentFault> {
    inspect(bytes).map(|inspected| inspected.media_type)
}

fn png() -> Vec<u8> {
    let mut bytes = b"\x89PNG\r\n\x1a\n\0\0\0\x0dIHDR\0\0\0\x01\0\0\0\x01".to_vec();
    bytes.extend([0; 9]);
    bytes.extend(b"\0\0\0\0IEND\xae\x42\x60\x82");
    bytes
}

fn webp() -> Vec<u8> {
    b"RIFF\x12\0\0\0WEBPVP8L\x05\0\0\0\x2f\0\0\0\0\0".to_vec()
}

fn jpeg() -> Vec<u8> {
    b"\xff\xd8\xff\xc0\0\x0b\x08\0\x01\0\x01\x01\x01\x11\0\xff\xda\0\x08\x01\x01\0\0\x3f\0pixels\xff\xd9"
        .to_vec()
}

/// An archive with these entries: name, packed and unpacked size as its directory claims them.
fn archive(entries: &[(&str, u32, u32)]) -> Vec<u8> {
    let mut bytes = b"PK\x03\x04".to_vec();
    bytes.extend([0; 400]);
    let offset = u32::try_from(bytes.len()).unwrap();
    for (name, packed, unpacked) in entries {
        bytes.extend(b"PK\x01\x02");
        bytes.extend([0; 16]);
        bytes.extend(packed.to_le_bytes());
        bytes.extend(unpacked.to_le_bytes());
        bytes.extend(u16::try_from(name.len()).unwrap().to_le_bytes());
        bytes.extend([0; 16]);
        bytes.extend(name.as_bytes());
    }
    let length = u32::try_from(bytes.len()).unwrap() - offset;
    let count = u16::try_from(entries.len()).unwrap().to_le_bytes();
    bytes.extend(b"PK\x05\x06\0\0\0\0");
    bytes.extend([count, count].concat());
    bytes.extend(length.to_le_bytes());
    bytes.extend(offset.to_le_bytes());
    bytes.extend(b"\x03\0end");
    bytes
}

const DOCUMENT: [(&str, u32, u32); 2] = [("[Content_Types].xml", 10, 50), ("word/document.xml", 100, 900)];

#[test]
fn every_type_is_known_by_its_bytes() {
    let cases: [(Vec<u8>, MediaType); 11] = [
        (b"%PDF-1.7\n1 0 obj\n%%EOF".to_vec(), MediaType::Pdf),
        (png(), MediaType::Png),
        (jpeg(), MediaType::Jpeg),
        (webp(), MediaType::WebP),
        (b"GIF89a\x01\0\x01\0\0\0\0;".to_vec(), MediaType::Gif),
        (archive(&[("a.txt", 3, 3)]), MediaType::Zip),
        (archive(&[]), MediaType::Zip),
        (b"PK\x05\x06\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0".to_vec(), MediaType::Zip),
        (archive(&DOCUMENT), MediaType::Docx),
        (b"plain text".to_vec(), MediaType::Text),
        ("BM is how a bitmap begins, and MZ a program, ďábel".repeat(40).into_bytes(), MediaType::Text),
    ];
    for (bytes, expected) in cases {
        assert_eq!(kind(&bytes), Ok(expected));
    }
}

#[test]
fn what_was_read_is_counted_and_hashed() {
    let inspected = inspect(b"abc").unwrap();
    assert_eq!(inspected.size, 3);
    let known = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";
    assert_eq!(inspected.hash.to_string(), known);
    assert_eq!(inspect(b""), Err(ContentFault::Empty));
}

#[test]
fn programs_pages_and_scripts_are_not_taken() {
    let program = [b"MZ\x90\0\x03\0\0\0".as_slice(), &[0; 600]].concat();
    let library = [b"\x7fELF\x02\x01\x01\0".as_slice(), &[0; 600]].concat();
    let cases: [(&[u8], ContentFault); 8] = [
        (&program, ContentFault::Unsupported),
        (&library, ContentFault::Unsupported),
        (b"\xff\xfeu\0t\0f\0", ContentFault::Unsupported),
        (b"Rar!\x1a\x07\x01\0", ContentFault::Unsupported),
        (b"<!DOCTYPE html><script>alert(1)</script>", ContentFault::Active),
        (b"\xef\xbb\xbf\n <svg xmlns='http://www.w3.org/2000/svg' onload='alert(1)'/>", ContentFault::Active),
        (b"#!/bin/sh\nrm -rf /", ContentFault::Active),
        (b"<?xml version='1.0'?><svg/>", ContentFault::Active),
    ];
    for (bytes, fault) in cases {
        assert_eq!(kind(bytes), Err(fault), "{:?}", bytes.get(..8));
    }
}

#[test]
fn text_is_text_to_its_last_byte() {
    let mut bytes = "text ".repeat(1_000).into_bytes();
    assert_eq!(kind(&bytes), Ok(MediaType::Text));
    bytes.push(0);
    assert_eq!(kind(&bytes), Err(ContentFault::Unsupported));
}

#[test]
fn what_is_refused_is_refused_before_its_end() {
    let mut inspector = ContentInspectors.begin();
    assert_eq!(inspector.read(Bytes::from_static(&[0; HEAD])), Err(ContentFault::Unsupported));
    let mut inspector = ContentInspectors.begin();
    let letters = Bytes::from_static(&[b'a'; HEAD]);
    assert_eq!(inspector.read(letters.clone()), Ok(letters));
    assert_eq!(inspector.read(Bytes::from_static(b"\0")), Err(ContentFault::Unsupported));
}

#[test]
fn nothing_hides_behind_another_file() {
    let page = b"<script>alert(1)</script>";
    for (front, media_type) in
        [(png(), MediaType::Png), (webp(), MediaType::WebP), (archive(&[]), MediaType::Zip)]
    {
        let damaged = Err(ContentFault::Damaged(media_type));
        assert_eq!(kind(&[front.as_slice(), page].concat()), damaged, "{media_type}");
        assert_eq!(kind(&front[..front.len() - 1]), damaged, "{media_type}: cut off");
    }
    // Cameras put things there; they are none of the picture.
    let (_, kept) = clean_in(&[jpeg(), page.to_vec()].concat(), 9).unwrap();
    assert_eq!(kept, jpeg());
    assert_eq!(kind(&jpeg()[..20]), Err(ContentFault::Damaged(MediaType::Jpeg)), "cut off");
    let both = [png(), archive(&[("a.exe", 1, 1)])].concat();
    assert_eq!(kind(&both), Err(ContentFault::Damaged(MediaType::Png)));
    let fake = [b"\x89PNG".as_slice(), page].concat();
    assert_eq!(kind(&fake), Err(ContentFault::Damaged(MediaType::Png)));
}

#[test]
fn archives_that_claim_too_much_are_bombs() {
    let mebibyte = 1024 * 1024;
    let cases = [
        (archive(&[("a", 100, 64 * mebibyte)]), Ok(MediaType::Zip)),
        (archive(&[("a", 100, 65 * mebibyte)]), Err(ContentFault::Bomb)),
        (archive(&[("a", 100, u32::MAX - 1)]), Err(ContentFault::Bomb)),
        (archive(&[("a", u32::MAX, u32::MAX)]), Err(ContentFault::Bomb)),
        // Entries that lie over each other.
        (archive(&[("a", 300, 300), ("b", 300, 300)]), Err(ContentFault::Bomb)),
        (archive(&vec![("a", 0, 0); 10_000]), Ok(MediaType::Zip)),
        (archive(&vec![("a", 0, 0); 10_001]), Err(ContentFault::Bomb)),
        (
            archive(&vec![
                (
                    "a-name-so-long-that-the-directory-is-longer-than-what-is-kept".repeat(6).as_str(),
                    0,
                    0
                );
                9_000
            ]),
            Err(ContentFault::Bomb),
        ),
    ];
    for (index, (bytes, expected)) in cases.into_iter().enumerate() {
        assert_eq!(inspect_in(&bytes, 8_192).map(|found| found.media_type), expected, "{index}");
    }
}

#[test]
fn documents_are_told_from_archives() {
    let [types, word] = DOCUMENT;
    assert_eq!(kind(&archive(&[types, ("xl/workbook.xml", 1, 1)])), Ok(MediaType::Zip));
    assert_eq!(kind(&archive(&[word])), Ok(MediaType::Zip));
    assert_eq!(kind(&archive(&[word, types])), Ok(MediaType::Docx));
    let macros = archive(&[types, word, ("word/vbaProject.bin", 1, 1)]);
    assert_eq!(kind(&macros), Ok(MediaType::Zip), "with macros it is no document that is taken");
}

#[test]
fn a_broken_directory_is_no_archive() {
    let good = archive(&DOCUMENT);
    for at in 404..good.len() {
        for value in [0, 0xff] {
            let mut bytes = good.clone();
            bytes[at] = value;
            // Whatever is answered, nothing panics and no time is lost.
            let _verdict = inspect_in(&bytes, usize::MAX);
        }
    }
    assert_eq!(kind(b"PK\x03\x04 and nothing else"), Err(ContentFault::Damaged(MediaType::Zip)));
}
