# Coefficients from R's glmnet for the prostate data (training rows), written to glmnet.csv: ridge, and beside it the
# lasso, an elastic net, and ridge for the logistic model of lpsa > 2.5.
# Run in this directory: Rscript make_glmnet.R   (R 4.2.2, glmnet 4.1-6 made the table kept here)
#
# For alpha = 0 glmnet minimizes  1/(2n) ||y/s - b0 - X b||^2 + (lambda/s)/2 ||b||^2  with s the standard deviation of y
# (divisor n) and reports s * b: in the units of y the lambda of the squares is divided by s, that of the absolute
# values is not. The logistic model is not rescaled.
suppressMessages(library(glmnet))
data <- read.csv("prostate.csv")
data <- data[data$train, ]
X <- as.matrix(data[, 1:8])
y <- data$lpsa
weights <- seq(0.5, 2, length.out = nrow(X))
factors <- c(1, 2, 0.5, 1, 1, 3, 0.25, 0.25) # mean 1, as glmnet rescales them to
lambdas <- c(10, 1, 0.1)
rows <- list()
add <- function(case, target = y, alpha = 0, ...) {
  fit <- glmnet(X, target, alpha = alpha, lambda = lambdas, standardize = FALSE, thresh = 1e-28, maxit = 1e8, ...)
  for (l in seq_along(lambdas)) {
    values <- c(fit$a0[l], as.numeric(fit$beta[, l]))
    if (length(fit$a0) == 0) values[1] <- 0
    rows[[length(rows) + 1]] <<- data.frame(case = case, lambda = lambdas[l], t(sprintf("%.17g", values)))
  }
}
add("plain")
add("no intercept", intercept = FALSE)
add("weights", weights = weights)
add("penalty factors", penalty.factor = factors)
add("lasso", alpha = 1)
add("elastic net", alpha = 0.25)
add("logistic", target = as.integer(y > 2.5), family = "binomial")
table <- do.call(rbind, rows)
names(table) <- c("case", "lambda", "intercept", colnames(X))
write.csv(table, "glmnet.csv", row.names = FALSE, quote = FALSE)
