"""The base of every form: the library's own messages in the page's language, read once a process."""

from flask_wtf import FlaskForm

from hotline.web.languages import language


class Form(FlaskForm):
    class Meta(FlaskForm.Meta):
        @property
        def locales(self) -> list[str]:
            return [language()]
