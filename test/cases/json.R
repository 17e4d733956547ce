# How the generators of vectors write JSON: every digit of a number, null for an infinite one.
number <- function(x) ifelse(is.infinite(x), "null", sprintf("%.17g", x))
json <- function(x) {
  if (is.list(x)) {
    parts <- vapply(x, json, "")
    if (is.null(names(x))) return(paste0("[", paste(parts, collapse = ",\n"), "]"))
    return(paste0("{", paste0('"', names(x), '": ', parts, collapse = ", "), "}"))
  }
  if (is.character(x)) return(paste0('"', x, '"'))
  if (length(x) == 1 && is.null(attr(x, "row"))) return(number(x))
  paste0("[", paste(number(x), collapse = ", "), "]")
}
row <- function(x) structure(x, row = TRUE)
