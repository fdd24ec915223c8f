//! [`Screen`]: plotters' canvas, with rectangles that are drawn quickly.
//!
//! plotters-canvas writes the colour of each rectangle as a text, which the browser then parses. For a curve of a
//! thousand rectangles that takes longer than filling them.

use plotters_backend::{
    BackendColor, BackendCoord, BackendStyle, BackendTextStyle, DrawingBackend, DrawingErrorKind,
};
use plotters_canvas::CanvasBackend;
use web_sys::CanvasRenderingContext2d;

/// A canvas that remembers the colour of the last rectangle.
pub struct Screen {
    canvas: CanvasBackend,
    context: CanvasRenderingContext2d,
    /// The colour that the context fills with, if a rectangle was the last thing drawn.
    filled: Option<(u8, u8, u8, f64)>,
}

impl Screen {
    pub(super) const fn new(canvas: CanvasBackend, context: CanvasRenderingContext2d) -> Self {
        Self { canvas, context, filled: None }
    }

    /// The canvas, for anything that may fill with another colour.
    const fn other(&mut self) -> &mut CanvasBackend {
        self.filled = None;
        &mut self.canvas
    }
}

type Drawn = Result<(), DrawingErrorKind<<CanvasBackend as DrawingBackend>::ErrorType>>;

impl DrawingBackend for Screen {
    type ErrorType = <CanvasBackend as DrawingBackend>::ErrorType;

    fn get_size(&self) -> (u32, u32) {
        self.canvas.get_size()
    }

    fn ensure_prepared(&mut self) -> Drawn {
        self.canvas.ensure_prepared()
    }

    fn present(&mut self) -> Drawn {
        self.canvas.present()
    }

    fn draw_pixel(&mut self, point: BackendCoord, colour: BackendColor) -> Drawn {
        self.other().draw_pixel(point, colour)
    }

    fn draw_line<S: BackendStyle>(&mut self, from: BackendCoord, to: BackendCoord, style: &S) -> Drawn {
        self.other().draw_line(from, to, style)
    }

    fn draw_rect<S: BackendStyle>(
        &mut self,
        (left, top): BackendCoord,
        (right, bottom): BackendCoord,
        style: &S,
        fill: bool,
    ) -> Drawn {
        let BackendColor { alpha, rgb: (red, green, blue) } = style.color();
        let colour = Some((red, green, blue, alpha));
        if fill && self.filled == colour {
            let [x, y, width, height] = [left, top, right - left, bottom - top].map(f64::from);
            self.context.fill_rect(x, y, width, height);
            return Ok(());
        }
        self.other().draw_rect((left, top), (right, bottom), style, fill)?;
        // A rectangle that cannot be seen sets no colour.
        self.filled = colour.filter(|_| fill && alpha > 0.0);
        Ok(())
    }

    fn draw_path<S: BackendStyle, I: IntoIterator<Item = BackendCoord>>(
        &mut self,
        path: I,
        style: &S,
    ) -> Drawn {
        self.other().draw_path(path, style)
    }

    fn draw_circle<S: BackendStyle>(
        &mut self,
        centre: BackendCoord,
        radius: u32,
        style: &S,
        fill: bool,
    ) -> Drawn {
        self.other().draw_circle(centre, radius, style, fill)
    }

    fn fill_polygon<S: BackendStyle, I: IntoIterator<Item = BackendCoord>>(
        &mut self,
        corners: I,
        style: &S,
    ) -> Drawn {
        self.other().fill_polygon(corners, style)
    }

    fn draw_text<S: BackendTextStyle>(&mut self, text: &str, style: &S, place: BackendCoord) -> Drawn {
        self.other().draw_text(text, style, place)
    }
}
