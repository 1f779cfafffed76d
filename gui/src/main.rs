//! The window of visard. For now it says what it will do; the command line does it already.

use eframe::egui;

fn main() -> eframe::Result {
    let options = eframe::NativeOptions {
        viewport: egui::ViewportBuilder::default().with_inner_size([640., 360.]).with_title("visard"),
        ..Default::default()
    };
    eframe::run_native("visard", options, Box::new(|_| Ok(Box::new(Window))))
}

struct Window;

impl eframe::App for Window {
    fn ui(&mut self, ui: &mut egui::Ui, _: &mut eframe::Frame) {
        egui::CentralPanel::default().show(ui, say);
    }
}

/// What the window will do.
fn say(ui: &mut egui::Ui) {
    ui.heading("visard");
    ui.label("Protects photos from face-search engines, and checks that it worked.");
    ui.add_space(12.);
    ui.label(
        "This window will take photos and folders that you drop on it, protect the faces in them, and show for \
         each photo whether it worked. Until then the command line does it:",
    );
    ui.add_space(6.);
    ui.monospace("visard cloak holiday/ --output protected/");
}

#[cfg(test)]
mod tests {
    use egui_kittest::Harness;
    use egui_kittest::kittest::Queryable as _;

    use super::*;

    #[test]
    fn the_window_says_what_it_will_do() {
        let harness = Harness::new_ui(say);
        harness.get_by_label("visard");
        harness.get_by_label_contains("photos and folders that you drop");
    }
}
