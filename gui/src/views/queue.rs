//! The list of photos: only what is on the screen is made.

use egui::{EventFilter, FocusDirection, Key, Modifiers, Rect, Response, ScrollArea, Ui, pos2, vec2};

use super::row::{Item, id};
use super::{banners, toolbar};
use crate::model::{Action, Model};
use crate::pictures::Errand;
use crate::queue::Row;
use crate::textures::Textures;
use crate::theme::{ROW, TILE};

/// Less room than this is low, in points.
const LOW: f32 = 300.;

/// How the photos lie.
#[derive(Clone, Copy)]
struct Grid {
    columns: usize,
    /// From one line to the next, and from one column to the next.
    step: [f32; 2],
    size: [f32; 2],
}

impl Grid {
    fn new(ui: &Ui, grid: bool) -> Self {
        let gap = ui.spacing().item_spacing;
        // The bar at the right takes some room.
        let width = ui.available_width() - 16.;
        let [tile, _] = TILE;
        let columns = if grid { ((width + gap.x) / (tile + gap.x)).max(1.) as usize } else { 1 };
        let size = if grid { TILE } else { [width.max(1.), ROW] };
        Self { columns, size, step: [size[0] + gap.x, size[1] + gap.y] }
    }

    /// The place of a photo, from where the first lies.
    fn place(&self, at: usize) -> Rect {
        let (line, column) = (at / self.columns, at % self.columns);
        let corner = pos2(column as f32 * self.step[0], line as f32 * self.step[1]);
        Rect::from_min_size(corner, vec2(self.size[0], self.size[1]))
    }
}

pub(super) fn show(ui: &mut Ui, model: &mut Model, textures: &mut Textures, actions: &mut Vec<Action>) {
    // In a low window what is above the list goes with it, or no photo could be seen.
    let low = ui.available_height() < LOW;
    if !low {
        banners(ui, model, actions);
        toolbar::show(ui, model, actions);
    }
    // A row that is to have the keyboard must be there in the next frame.
    let list = ScrollArea::vertical().auto_shrink(false).animated(false);
    list.show_viewport(ui, |ui, seen| {
        let top = ui.cursor().top();
        if low {
            banners(ui, model, actions);
            toolbar::show(ui, model, actions);
        }
        let above = ui.cursor().top() - top;
        rows(ui, model, textures, [seen.top() - above, seen.bottom() - above], actions);
    });
}

/// The photos, of which only those between two heights are made.
fn rows(ui: &mut Ui, model: &mut Model, textures: &mut Textures, seen: [f32; 2], actions: &mut Vec<Action>) {
    let returned = model.returned.take();
    let limits = model.choices.limits();
    let rows = model.visible();
    let grid = Grid::new(ui, model.choices.grid);
    let corner = ui.cursor().min.to_vec2();
    if let Some(at) = returned.and_then(|id| rows.iter().position(|row| row.id == id)) {
        lead_to(ui, &rows, at, grid.place(at).translate(corner));
    }
    let line = |height: f32| (height / grid.step[1]).max(0.) as usize;
    let first = line(seen[0]) * grid.columns;
    enter(ui, rows.get(first));
    for at in first..((line(seen[1]) + 1) * grid.columns).min(rows.len()) {
        let row = rows[at];
        let item = Item { row, ticked: model.ticked.contains(&row.id) };
        let place = grid.place(at).translate(corner);
        let response = match model.choices.grid {
            true => item.tile(ui, place, textures, actions),
            false => item.row(ui, place, textures, actions),
        };
        remove(ui, &response, model, row, actions);
        walk(ui, &response, &rows, at, (grid, corner));
        if model.ready() && !model.queue.running() && row.lacks_faces() {
            textures.want(Errand::Faces(row.id, row.source.input.clone(), limits));
        }
    }
    ui.allocate_space(vec2(ui.available_width(), rows.len().div_ceil(grid.columns) as f32 * grid.step[1]));
}

/// The first arrow leads into the list.
fn enter(ui: &Ui, first: Option<&&Row>) {
    let idle = ui.is_enabled() && ui.memory(|memory| memory.focused().is_none());
    if let Some(row) = first.filter(|_| idle)
        && ui.input_mut(|input| input.consume_key(Modifiers::NONE, Key::ArrowDown))
    {
        ui.memory_mut(|memory| {
            memory.request_focus(id(row));
            // The same arrow does not lead on from there.
            memory.move_focus(FocusDirection::None);
        });
    }
}

/// Delete removes the photo that has the keyboard, with all that are ticked if it is.
fn remove(ui: &Ui, response: &Response, model: &Model, row: &Row, actions: &mut Vec<Action>) {
    if !response.has_focus() {
        return;
    }
    if ui.input_mut(|input| input.consume_key(Modifiers::NONE, Key::Delete)) {
        let ticked = model.ticked();
        actions.push(Action::Remove(if ticked.contains(&row.id) { ticked } else { vec![row.id] }));
    }
}

/// The arrows, Home and End lead from photo to photo, also to those that are not on the screen.
fn walk(ui: &Ui, response: &Response, rows: &[&Row], at: usize, (grid, corner): (Grid, egui::Vec2)) {
    if !response.has_focus() {
        return;
    }
    if response.gained_focus() {
        response.scroll_to_me(None);
    }
    let sideways = grid.columns > 1;
    let arrows = EventFilter { vertical_arrows: true, horizontal_arrows: sideways, ..EventFilter::default() };
    ui.memory_mut(|memory| memory.set_focus_lock_filter(response.id, arrows));
    let back = |by: usize| at.checked_sub(by).unwrap_or(at);
    let mut goals = vec![
        (Key::ArrowDown, at + grid.columns),
        (Key::ArrowUp, back(grid.columns)),
        (Key::Home, 0),
        (Key::End, rows.len() - 1),
    ];
    if sideways {
        goals.extend([(Key::ArrowRight, at + 1), (Key::ArrowLeft, back(1))]);
    }
    let goal =
        ui.input_mut(|input| goals.into_iter().find(|(key, _)| input.consume_key(Modifiers::NONE, *key)));
    if let Some((_, goal)) = goal {
        lead_to(ui, rows, goal, grid.place(goal).translate(corner));
    }
}

/// Gives a photo the keyboard and brings it to the screen.
fn lead_to(ui: &Ui, rows: &[&Row], at: usize, place: Rect) {
    if let Some(row) = rows.get(at) {
        ui.scroll_to_rect(place, None);
        ui.memory_mut(|memory| memory.request_focus(id(row)));
    }
}
