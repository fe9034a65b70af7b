"""The sign-in form."""

from flask_babel import lazy_gettext as _
from wtforms import PasswordField, StringField
from wtforms.validators import InputRequired, Length

from hotline.web.forms import Form


class SignInForm(Form):
    username = StringField(_("用户名"), [InputRequired(_("请输入用户名")), Length(max=40)])
    password = PasswordField(_("密码"), [InputRequired(_("请输入密码")), Length(max=200)])
