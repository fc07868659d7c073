/* CivetWeb without a file system has no error log of its own: hand every message to the log_message callback. */
static void
mg_cry_internal_impl(const struct mg_connection *conn,
                     const char *func,
                     unsigned line,
                     const char *fmt,
                     va_list ap)
{
	char buf[512];

	(void)func;
	(void)line;
	if ((conn == NULL) || (conn->phys_ctx->callbacks.log_message == NULL)) {
		return;
	}
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wformat-nonliteral"
	(void)vsnprintf(buf, sizeof(buf), fmt, ap);
#pragma GCC diagnostic pop
	(void)conn->phys_ctx->callbacks.log_message(conn, buf);
}
