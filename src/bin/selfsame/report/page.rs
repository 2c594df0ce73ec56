//! The frame of the page and its parts. Everything that is not a constant of this program goes through [`markup`].

use std::fmt::Write as _;

use selfsame::text::markup;

use super::style::STYLE;

/// A page under construction.
pub struct Page {
    html: String,
}

impl Page {
    /// A page with a title and a line about it.
    pub fn new(title: &str, lead: &str) -> Self {
        let (title, lead) = (markup(title), markup(lead));
        let html = format!(
            "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n\
             <meta name=\"viewport\" content=\"width=device-width,initial-scale=1\">\n<meta name=\"color-scheme\" content=\"light dark\">\n\
             <meta name=\"referrer\" content=\"no-referrer\">\n\
             <meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'unsafe-inline'; img-src data:\">\n\
             <title>{title}</title>\n<style>{STYLE}</style>\n</head>\n<body>\n<main>\n<h1>{title}</h1>\n<p class=\"lead break\">{lead}</p>\n"
        );
        Self { html }
    }

    /// Numbers to see first, each with what it is.
    pub fn tiles(&mut self, tiles: &[(String, &str)]) {
        self.html.push_str("<div class=\"tiles\">\n");
        for (number, what) in tiles {
            let long = if number.chars().count() > 14 { " class=\"long\"" } else { "" };
            let _ = writeln!(
                self.html,
                "<div class=\"tile\"><span>{}</span><b{long}>{}</b></div>",
                markup(what),
                markup(number)
            );
        }
        self.html.push_str("</div>\n");
    }

    /// Sections side by side where there is room.
    pub fn side_by_side(&mut self, sections: &[Section]) {
        self.html.push_str("<div class=\"two\">\n");
        sections.iter().for_each(|section| self.section(section));
        self.html.push_str("</div>\n");
    }

    /// A section.
    pub fn section(&mut self, section: &Section) {
        let _ = writeln!(self.html, "<section>\n{}</section>", section.html);
    }

    /// The whole file.
    pub fn finish(mut self) -> String {
        self.html.push_str("</main>\n</body>\n</html>\n");
        self.html
    }
}

/// A part of a page with a heading.
pub struct Section {
    html: String,
}

impl Section {
    pub fn new(heading: &str) -> Self {
        Self { html: format!("<h2>{}</h2>\n", markup(heading)) }
    }

    /// A chart with its key (class of color and words) and what it shows. `svg` is markup made by this program.
    pub fn figure(&mut self, svg: &str, key: &[(&str, String)], caption: &str) {
        self.html.push_str("<figure>\n");
        self.html.push_str(svg);
        if !key.is_empty() {
            self.html.push_str("<ul class=\"key\">");
            for (class, words) in key {
                let _ = write!(self.html, "<li class=\"{class}\"><i></i>{}</li>", markup(words));
            }
            self.html.push_str("</ul>\n");
        }
        let _ = writeln!(self.html, "<figcaption>{}</figcaption>\n</figure>", markup(caption));
    }

    /// A table with a heading for each column; the first of each row names it.
    pub fn table(&mut self, columns: &[&str], rows: &[Vec<String>]) {
        self.html.push_str("<div class=\"scroll\"><table class=\"list\">\n<thead><tr>");
        for column in columns {
            let _ = write!(self.html, "<th scope=\"col\">{}</th>", markup(column));
        }
        self.html.push_str("</tr></thead>\n<tbody>\n");
        for row in rows {
            self.row(columns, row);
        }
        self.html.push_str("</tbody></table></div>\n");
    }

    /// A table of names and values.
    pub fn facts(&mut self, rows: &[(&str, String)]) {
        self.html.push_str("<table class=\"facts\"><tbody>\n");
        for (name, value) in rows {
            self.row(&[], &[(*name).to_owned(), value.clone()]);
        }
        self.html.push_str("</tbody></table>\n");
    }

    /// A row; the names of the columns go with the cells, for narrow screens.
    fn row(&mut self, columns: &[&str], cells: &[String]) {
        self.html.push_str("<tr>");
        for (i, cell) in cells.iter().enumerate() {
            let label = columns.get(i).filter(|column| !column.is_empty());
            let label = label.map_or_else(String::new, |column| format!(" data-label=\"{}\"", markup(column)));
            let cell = markup(cell);
            let _ = match i {
                0 => write!(self.html, "<th scope=\"row\"{label}>{cell}</th>"),
                _ => write!(self.html, "<td{label}>{cell}</td>"),
            };
        }
        self.html.push_str("</tr>\n");
    }

    /// A remark.
    pub fn note(&mut self, text: &str) {
        let _ = writeln!(self.html, "<p class=\"note\">{}</p>", markup(text));
    }

    /// A picture of prints: markup made by this program.
    pub fn print(&mut self, heading: &str, svg: &str) {
        let _ = writeln!(self.html, "<div class=\"print\"><h3 class=\"break\">{}</h3>{svg}</div>", markup(heading));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_that_is_said_becomes_markup() {
        let hostile = "</style><script>alert(1)</script>\"'&\u{202e}";
        let mut section = Section::new(hostile);
        section.table(&[hostile, "b"], &[vec![hostile.to_owned(), hostile.to_owned()]]);
        section.facts(&[("name", hostile.to_owned())]);
        section.figure("", &[("c1", hostile.to_owned())], hostile);
        section.note(hostile);
        section.print(hostile, "");
        let mut page = Page::new(hostile, hostile);
        page.tiles(&[(hostile.to_owned(), hostile)]);
        page.side_by_side(&[section]);
        let html = page.finish();
        assert!(!html.contains("<script") && !html.contains('\u{202e}') && html.matches("</style>").count() == 1);
        assert_eq!(
            html.matches("&lt;/style&gt;&lt;script&gt;alert(1)&lt;/script&gt;&quot;&#39;&amp;\\u{202e}").count(),
            15
        );
    }
}
