//! What is kept, under which name, and what is said of a picture.

use std::io::Cursor;

use image::{DynamicImage, ImageFormat};

use super::*;

fn photo(width: u32, height: u32, grey: u8) -> Vec<u8> {
    let mut picture = DynamicImage::new_rgb8(width, height).into_rgb8();
    picture.pixels_mut().for_each(|pixel| pixel.0 = [grey; 3]);
    let mut bytes = Cursor::new(Vec::new());
    DynamicImage::ImageRgb8(picture).write_to(&mut bytes, ImageFormat::Jpeg).unwrap();
    bytes.into_inner()
}

fn folder() -> (tempfile::TempDir, Media) {
    let folder = tempfile::tempdir().unwrap();
    let media = Media::open(&MediaPlace::Folder(folder.path().to_owned())).unwrap();
    (folder, media)
}

async fn fresh(bytes: Vec<u8>) -> Fresh {
    take_in(bytes, Shape::Whole, " A wall ").await.unwrap()
}

#[tokio::test]
async fn a_picture_is_kept_in_two_sizes_under_the_hash_of_its_bytes() {
    let (folder, media) = folder();
    let new = fresh(photo(1700, 850, 90)).await;
    assert_eq!(media.list().await.unwrap(), [], "nothing is kept by opening it");
    media.keep(std::slice::from_ref(&new)).await.unwrap();
    media.keep(std::slice::from_ref(&new)).await.unwrap();
    let Kept { alt, large, small } = &new.kept;
    assert_eq!((alt.as_str(), large.width, large.height, small.width, small.height), ("A wall", 1600, 800, 640, 320));
    for file in [large, small] {
        let bytes = media.read(&file.name).await.unwrap().unwrap();
        let hash: String = digest(&SHA256, &bytes).as_ref().iter().map(|byte| format!("{byte:02x}")).collect();
        assert_eq!((file.name.as_str(), file.media_type()), (format!("{hash}.jpg").as_str(), "image/jpeg"));
        assert!(is_name(&file.name) && folder.path().join(&file.name).is_file());
    }
    let mut names: Vec<&str> = new.kept.names().collect();
    names.sort_unstable();
    let listed = media.list().await.unwrap();
    assert_eq!(listed.iter().map(|(name, _)| name.as_str()).collect::<Vec<_>>(), names);
    media.remove(&large.name).await.unwrap();
    media.remove(&large.name).await.unwrap();
    assert_eq!((media.read(&large.name).await.unwrap(), media.list().await.unwrap().len()), (None, 1));
}

#[tokio::test]
async fn a_small_picture_is_one_file_and_the_same_picture_has_the_same_name() {
    let (_folder, media) = folder();
    let (one, again, other) = (fresh(photo(64, 64, 1)).await, fresh(photo(64, 64, 1)).await, fresh(photo(64, 64, 200)).await);
    assert_eq!((one.kept.names().count(), &one.kept), (1, &again.kept));
    assert!(one.kept != other.kept);
    media.keep(&[one, again, other]).await.unwrap();
    assert_eq!(media.list().await.unwrap().len(), 2);
}

#[tokio::test]
async fn what_lies_beside_the_pictures_is_none_of_ours() {
    let (folder, media) = folder();
    for name in ["holiday.jpg", "notes.txt", ".hidden.png", "0123.png"] {
        std::fs::write(folder.path().join(name), "mine").unwrap();
    }
    std::fs::create_dir(folder.path().join("deep")).unwrap();
    std::fs::write(folder.path().join("deep/a1b2c3d4-0000-7000-8000-0123456789ab.jpg"), "mine").unwrap();
    assert_eq!(media.list().await.unwrap(), []);
}

#[test]
fn every_picture_is_described_and_there_are_not_too_many() {
    let file = File { name: "x".into(), width: 1, height: 1 };
    let picture = |alt: &str| Kept { alt: alt.into(), large: file.clone(), small: file.clone() };
    let table = [
        (vec![], Ok(())),
        (vec![picture("A pot"); 4], Ok(())),
        (vec![picture("A pot"); 5], Err(Refusal::Many)),
        (vec![picture("A pot"), picture("")], Err(Refusal::Alt)),
        (vec![picture(" \n ")], Err(Refusal::Alt)),
        (vec![picture(&"ñ".repeat(1_500))], Ok(())),
        (vec![picture(&"ñ".repeat(1_501))], Err(Refusal::AltLength)),
        (vec![picture("a\u{1b}[31m")], Err(Refusal::AltLength)),
    ];
    for (pictures, outcome) in table {
        assert_eq!(check(&pictures), outcome, "{}", pictures.len());
    }
}
